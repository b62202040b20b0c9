/* A message made of a template of chain.h. */
#include "text.h"

#include <stdio.h>

/* ---- made-up values -------------------------------------------------------------------------- */

/* Values by the name of the gap that they fill, bars between them. */
static const struct Values {
    const char *name, *values;
} lists[] = {
    {"provider", "Microsoft SQL Server Native Client 11.0|Microsoft OLE DB Driver 19 for SQL "
                 "Server|Microsoft OLE DB Driver for SQL Server"},
    {"connection", "DWH|StagingDW.OLEDB|SourceERP|crm-replica|Landing zone"},
    {"component", "OLE DB Source|ADO NET Source|OLE DB Source [2]|Read orders|src_Customers"},
    {"procedure", "dbo.usp_MergeOrders|stg.LoadCustomers|etl.usp_FinishBatch|mart.RebuildPrices"},
    {"statement",
     "EXEC dbo.usp_MergeOrders|UPDATE dbo.FactSales SET Closed = 1 WHERE Closed = 0|INSERT INTO "
     "stg.Orders SELECT * FROM ext.Orders|DELETE FROM stg.Prices|EXEC etl.usp_FinishBatch ?"},
    {"file",
     "\\\\files01\\drop\\orders_20260114.csv|D:\\Data\\In\\customers.txt|C:\\ETL\\out\\price_list."
     "xlsx|E:\\SSIS\\work\\stock.dat|\\\\contosofiles.file.core.windows.net\\landing\\returns.csv"},
    {"share", "\\\\contosopkgs.file.core.windows.net\\packages\\Load "
              "Orders.dtsx|\\\\etl.corp.local\\ssis\\Nightly.ispac"},
    {"table", "FactSales|DimCustomer|Orders|StockLevel|Invoice|PriceList"},
    {"column", "CustomerName|OrderDate|NetAmount|PostalCode|CurrencyCode|Remark"},
    {"database", "StagingDW|SalesMart|ErpReplica|Reporting"},
    {"login", "etl_reader|svc_dwh|sales_import|CORP\\svc_etl"},
    {"server", "sqlprod07.corp.local|10.20.4.11|ERPSQL\\LIVE"},
    {"azure_server", "contoso-dw.database.windows.net|contoso-eu.database.windows.net"},
    {"azure_name", "contoso-dw|contoso-eu"},
    {"host", "irnode01.corp.local|irnode02.corp.local|etl-gw.contoso.com"},
    {"ip", "10.2.4.10|52.174.20.33|192.168.7.21"},
    {"runtime", "shir-onprem-01|ir-factory-west|SelfHostedIR"},
    {"oledb", "SQLNCLI11.1|MSOLEDBSQL.1|OraOLEDB.Oracle.1|Microsoft.ACE.OLEDB.12.0"},
    {"assembly", "System.ValueTuple|Npgsql|Newtonsoft.Json"},
    {"variable", "FileName|BatchId|RowCountLoaded|LastRun"},
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

enum { CHOICES_MAX = 8 };

/* "a|b|c", braces inside counted. */
static size_t split_choices(Str body, Str ret_choices[CHOICES_MAX])
{
    size_t count = 0, start = 0;
    int depth = 0;

    for (size_t i = 0; i <= body.len && count < CHOICES_MAX; i++) {
        char c = i < body.len ? body.at[i] : '|';
        depth += (c == '{') - (c == '}');
        if (c == '|' && (depth == 0 || i == body.len)) {
            ret_choices[count++] = (Str){body.at + start, i - start};
            start = i + 1;
        }
    }
    return count;
}

static Str choose(Maker *maker, Str body)
{
    Str choices[CHOICES_MAX];
    size_t count = split_choices(body, choices);

    return choices[rng_below(&maker->rng, count)];
}

static void make_text(Made *made, Str value)
{
    snprintf(made->value, sizeof made->value, "%.*s", STR_FMT(value));
}

static bool make_from_list(Maker *maker, Str base, Made *made)
{
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        if (str_equal(base, str_of(lists[i].name))) {
            make_text(made, choose(maker, str_of(lists[i].values)));
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
        make_text(made, str_of(maker->task ? maker->task->name : "Data Flow Task"));
    else if (str_equal(base, str_of("project")))
        make_text(made, str_of(maker->package ? maker->package->project_name : "Orders"));
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
    make_text(new_made(maker, str_of(name)), str_of(value));
}

const char *maker_value(Maker *maker, Str name)
{
    return value_of(maker, name, (Str){NULL, 0});
}

/* ---- templates ------------------------------------------------------------------------------- */

static void put_filler(Buf *out) // two megabytes in lines, as a task that logs a whole file writes
{
    for (int row = 1; out->len < 2 * 1024 * 1024; row++)
        buf_printf(out,
                   "row %d: CustomerName is blank, postal code 0000 unknown, amount 0.00 rejected "
                   "by rule 17\n",
                   row);
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
            put_range(maker, choose(maker, (Str){text.at + i + 2, end - i - 2}), out);
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
