# Prints a log of dtexec of about `bytes` bytes: one block in `every` an error, a trailer after `run` blocks; with
# `kinds` each error is another one that nothing knows.
function stamp() { ms += 37; s = int(ms / 1000); return sprintf("2026-05-01 %02d:%02d:%02d.%02d", int(s/3600)%24, int(s/60)%60, s%60, int(ms/10)%100) }
function put(t) { printf "%s", t; n += length(t) }
function banner() { put("Microsoft (R) SQL Server Execute Package Utility\nVersion 15.0.2000.5 for 64-bit\nCopyright (C) 2019 Microsoft. All rights reserved.\n\nStarted:  10:00:00\n") }
function trailer() { put("DTExec: The package execution returned DTSER_FAILURE (1).\nStarted:  10:00:00\nFinished: 10:05:00\nElapsed:  300.047 seconds\n") }
function word(k, text) { for (text = ""; k > 0; k = int(k / 26)) text = text sprintf("%c", 97 + k % 26); return text }
function problem(k) {
  if (kinds) put("Error: " stamp() "\n   Code: 0x00000001\n   Source: Script Task\n   Description: Widget " word(k) " fell from the shelf.\nEnd Error\n")
  else if (k % 4 == 0) put("Error: " stamp() "\n   Code: 0xC0202009\n   Source: Load Orders " k % 50 " OLE DB Destination [" k % 99 "]\n   Description: SSIS Error Code DTS_E_OLEDBERROR.  An OLE DB error has occurred. Error code: 0x80004005.\nAn OLE DB record is available.  Source: \"Microsoft OLE DB Driver for SQL Server\"  Hresult: 0x80004005  Description: \"Violation of PRIMARY KEY constraint 'PK_Orders'. Cannot insert duplicate key in object 'dbo.Orders'. The duplicate key value is (" k ").\".\nEnd Error\n")
  else if (k % 4 == 1) put("Error: " stamp() "\n   Code: 0xC0047022\n   Source: Load Orders " k % 50 " SSIS.Pipeline\n   Description: SSIS Error Code DTS_E_PROCESSINPUTFAILED.  The ProcessInput method on component \"OLE DB Destination\" (" k % 99 ") failed with error code 0xC0209029 while processing input \"OLE DB Destination Input\" (" k % 77 "). The identified component returned an error from the ProcessInput method.\nEnd Error\n")
  else if (k % 4 == 2) put("Error: " stamp() "\n   Code: 0xC002F210\n   Source: Prepare Stage Execute SQL Task\n   Description: Executing the query \"EXEC stage.prepare_" k % 1000 "\" failed with the following error: \"Timeout expired. The timeout period elapsed prior to completion of the operation or the server is not responding.\". Possible failure reasons: Problems with the query, \"ResultSet\" property not set correctly.\nEnd Error\n")
  else put("Error: " stamp() "\n   Code: 0x00000001\n   Source: Script Task\n   Description: Widget " k " of the warehouse fell from the shelf " k % 333 ".\nEnd Error\n")
}
function note(k) {
  if (k % 10 == 0) put("Info: " stamp() "\n   Code: 0x4004300A\n   Source: Load Orders SSIS.Pipeline\n   Description: Validation phase is beginning.\nEnd Info\n")
  else if (k % 10 == 5) put("Info: " stamp() "\n   Code: 0x4004300B\n   Source: Load Orders SSIS.Pipeline\n   Description: \"OLE DB Destination\" wrote " k " rows.\nEnd Info\n")
  else put("Progress: " stamp() "\n   Source: Load Orders " k % 50 "\n   Validating: " k % 100 "% complete\nEnd Progress\n")
}
BEGIN {
  if (!run) run = 2000
  banner()
  while (n < bytes) {
    i++
    if (i % every == 0) problem(++e); else note(i)
    if (i % run == 0) { trailer(); banner() }
  }
  trailer()
}
