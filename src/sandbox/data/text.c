#include "text.h"

#include <stdio.h>
#include <string.h>

/* ---- made-up values ----------------------------------------------------------------------- */

static const char *const providers[] = {"Microsoft SQL Server Native Client 11.0",
                                        "Microsoft OLE DB Driver 19 for SQL Server",
                                        "Microsoft OLE DB Driver for SQL Server", NULL};
static const char *const connections[] = {"DWH",         "StagingDW.OLEDB", "SourceERP",
                                          "crm-replica", "Landing zone",    NULL};
static const char *const components[] = {"OLE DB Source", "ADO NET Source", "OLE DB Source [2]",
                                         "Read orders",   "src_Customers",  NULL};
static const char *const procedures[] = {"dbo.usp_MergeOrders", "stg.LoadCustomers",
                                         "etl.usp_FinishBatch", "mart.RebuildPrices", NULL};
static const char *const statements[] = {"EXEC dbo.usp_MergeOrders",
                                         "UPDATE dbo.FactSales SET Closed = 1 WHERE Closed = 0",
                                         "INSERT INTO stg.Orders SELECT * FROM ext.Orders",
                                         "DELETE FROM stg.Prices",
                                         "EXEC etl.usp_FinishBatch ?",
                                         NULL};
static const char *const files[] = {"\\\\files01\\drop\\orders_20260114.csv",
                                    "D:\\Data\\In\\customers.txt",
                                    "C:\\ETL\\out\\price_list.xlsx",
                                    "E:\\SSIS\\work\\stock.dat",
                                    "\\\\contosofiles.file.core.windows.net\\landing\\returns.csv",
                                    NULL};
static const char *const shares[] = {
    "\\\\contosopkgs.file.core.windows.net\\packages\\Load Orders.dtsx",
    "\\\\etl.corp.local\\ssis\\Nightly.ispac", NULL};
static const char *const tables[] = {"FactSales", "DimCustomer", "Orders", "StockLevel",
                                     "Invoice",   "PriceList",   NULL};
static const char *const columns[] = {"CustomerName", "OrderDate", "NetAmount", "PostalCode",
                                      "CurrencyCode", "Remark",    NULL};
static const char *const databases[] = {"StagingDW", "SalesMart", "ErpReplica", "Reporting", NULL};
static const char *const logins[] = {"etl_reader", "svc_dwh", "sales_import", "CORP\\svc_etl",
                                     NULL};
static const char *const servers[] = {"sqlprod07.corp.local", "10.20.4.11", "ERPSQL\\LIVE", NULL};
static const char *const azure_servers[] = {"contoso-dw.database.windows.net",
                                            "contoso-eu.database.windows.net", NULL};
static const char *const azure_names[] = {"contoso-dw", "contoso-eu", NULL};
static const char *const hosts[] = {"irnode01.corp.local", "irnode02.corp.local",
                                    "etl-gw.contoso.com", NULL};
static const char *const addresses[] = {"10.2.4.10", "52.174.20.33", "192.168.7.21", NULL};
static const char *const runtimes[] = {"shir-onprem-01", "ir-factory-west", "SelfHostedIR", NULL};
static const char *const oledbs[] = {"SQLNCLI11.1", "MSOLEDBSQL.1", "OraOLEDB.Oracle.1",
                                     "Microsoft.ACE.OLEDB.12.0", NULL};
static const char *const assemblies[] = {"System.ValueTuple", "Npgsql", "Newtonsoft.Json", NULL};
static const char *const variables[] = {"FileName", "BatchId", "RowCountLoaded", "LastRun", NULL};

static const struct Values {
    const char *name;
    const char *const *values;
} lists[] = {
    {"provider", providers},
    {"connection", connections},
    {"component", components},
    {"procedure", procedures},
    {"statement", statements},
    {"file", files},
    {"share", shares},
    {"table", tables},
    {"column", columns},
    {"database", databases},
    {"login", logins},
    {"server", servers},
    {"azure_server", azure_servers},
    {"azure_name", azure_names},
    {"host", hosts},
    {"ip", addresses},
    {"runtime", runtimes},
    {"oledb", oledbs},
    {"assembly", assemblies},
    {"variable", variables},
};

void maker_init(Maker *maker, uint64_t seed, uint64_t item, const Package *package,
                const Task *task)
{
    maker->rng = rng_of(seed, 21, item);
    maker->package = package;
    maker->task = task;
    maker->made_count = 0;
}

static Str without_number(Str name) // {column2} is another column
{
    while (name.len > 0 && name.at[name.len - 1] >= '0' && name.at[name.len - 1] <= '9')
        name.len--;
    return name;
}

static bool make_from_list(Maker *maker, Str base, Made *made)
{
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        if (!str_equal(base, str_of(lists[i].name)))
            continue;
        size_t count = 0;
        while (lists[i].values[count])
            count++;
        snprintf(made->value, sizeof made->value, "%s",
                 lists[i].values[rng_below(&maker->rng, count)]);
        return true;
    }
    return false;
}

/* "limit:30-200", "code:-9-9" is not needed: both ends are plain numbers. */
static bool make_number(Maker *maker, Str range, Made *made)
{
    Str low_text;
    int64_t low, high;

    if (!str_split(&range, '-', &low_text) || !str_to_i64(low_text, &low) ||
        !str_to_i64(range, &high))
        return false;
    snprintf(made->value, sizeof made->value, "%lld",
             (long long)rng_between(&maker->rng, low, high));
    return true;
}

static void make_value(Maker *maker, Str name, Str range, Made *made)
{
    Str base = without_number(name);

    if (range.len > 0 && make_number(maker, range, made))
        return;
    if (make_from_list(maker, base, made))
        return;
    if (str_equal(base, str_of("guid")))
        guid_text(&maker->rng, made->value);
    else if (str_equal(base, str_of("task")))
        snprintf(made->value, sizeof made->value, "%s",
                 maker->task ? maker->task->name : "Data Flow Task");
    else if (str_equal(base, str_of("project")))
        snprintf(made->value, sizeof made->value, "%s",
                 maker->package ? maker->package->project_name : "Orders");
    else
        snprintf(made->value, sizeof made->value, "?%.*s?",
                 STR_FMT(name)); // a test looks for these
}

static Made *new_made(Maker *maker, Str name)
{
    Made *made = &maker->made[maker->made_count < MADE_MAX ? maker->made_count++ : MADE_MAX - 1];

    snprintf(made->name, sizeof made->name, "%.*s", STR_FMT(name));
    return made;
}

static const char *value_of(Maker *maker, Str name, Str range)
{
    for (size_t i = 0; i < maker->made_count; i++)
        if (str_equal(name, str_of(maker->made[i].name)))
            return maker->made[i].value;

    Made *made = new_made(maker, name);
    make_value(maker, name, range, made);
    return made->value;
}

void maker_set(Maker *maker, const char *name, const char *value)
{
    Made *made = new_made(maker, str_of(name));

    snprintf(made->value, sizeof made->value, "%s", value);
}

const char *maker_value(Maker *maker, Str name)
{
    return value_of(maker, name, (Str){NULL, 0});
}

/* ---- templates ---------------------------------------------------------------------------- */

static void put_filler(Buf *out) // two megabytes in lines, as a task that logs a whole file writes
{
    for (int row = 1; out->len < 2 * 1024 * 1024; row++)
        buf_printf(out,
                   "row %d: CustomerName is blank, postal code 0000 unknown, amount 0.00 rejected "
                   "by rule 17\n",
                   row);
}

static void put_range(Maker *maker, Str text, Buf *out);

static void put_choice(Maker *maker, Str body, Buf *out) // "a|b|c", braces inside counted
{
    Str options[8];
    size_t count = 0, start = 0;
    int depth = 0;

    for (size_t i = 0; i <= body.len && count < ARRAY_LEN(options); i++) {
        char c = i < body.len ? body.at[i] : '|';
        depth += (c == '{') - (c == '}');
        if (c == '|' && (depth == 0 || i == body.len)) {
            options[count++] = (Str){body.at + start, i - start};
            start = i + 1;
        }
    }
    put_range(maker, options[rng_below(&maker->rng, count)], out);
}

static void put_value(Maker *maker, Str body, Buf *out) // "limit:30-200"
{
    Str name, range = body;

    str_split(&range, ':', &name);
    if (str_equal(name, str_of("filler")))
        put_filler(out);
    else
        buf_puts(out, value_of(maker, name, range));
}

/* Index of the brace that closes the one at `open`; text.len if none does. */
static size_t closing(Str text, size_t open)
{
    int depth = 0;

    for (size_t i = open; i < text.len; i++) {
        depth += (text.at[i] == '{') - (text.at[i] == '}');
        if (depth == 0)
            return i;
    }
    return text.len;
}

static void put_range(Maker *maker, Str text, Buf *out)
{
    size_t plain = 0;

    for (size_t i = 0; i < text.len; i++) {
        char next = i + 1 < text.len ? text.at[i + 1] : '\0';
        if (text.at[i] != '{' || !(next == '|' || (next >= 'a' && next <= 'z')))
            continue;
        size_t end = closing(text, i);
        if (end == text.len)
            continue;
        buf_put(out, text.at + plain, i - plain);
        if (next == '|')
            put_choice(maker, (Str){text.at + i + 2, end - i - 2}, out);
        else
            put_value(maker, (Str){text.at + i + 1, end - i - 1}, out);
        i = end;
        plain = end + 1;
    }
    buf_put(out, text.at + plain, text.len - plain);
}

void maker_put(Maker *maker, const char *text, Buf *out)
{
    put_range(maker, str_of(text), out);
}
