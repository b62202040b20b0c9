# How programs built with sanitizers report. Source it. What was freed is watched for the last 8 MB of
# it, not for 256: the statements' arenas would keep asking for fresh pages, two thirds of the time.
export ASAN_OPTIONS=detect_leaks=1:quarantine_size_mb=8
LSAN_OPTIONS=suppressions=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/lsan.supp:print_suppressions=0
export LSAN_OPTIONS
