# What a golden keeps of an html page: all but its style and script, which are config/html, and their hashes.
/^<style>/,/^<\/style>/d
/^<script>/,/^<\/script>/d
s/sha256-[^']*/HASH/g
