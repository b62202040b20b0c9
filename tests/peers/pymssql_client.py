"""pymssql: DB-Library of FreeTDS, from Python."""
import datetime
import decimal
import os
import pathlib
import sys
import uuid

import pymssql

HOST, PORT = sys.argv[1:3]


def connect(password=os.environ["PEER_PASSWORD"], **more):
    return pymssql.connect(server=HOST, port=PORT, user="sa", password=password, database="SSISDB", charset="UTF-8", **more)


def value(connection, sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchone()[0]


def same(found, wanted):
    if found != wanted:
        raise AssertionError(f"{found!r} instead of {wanted!r}")


def fails(connection, sql, number):
    try:
        value(connection, sql)
    except pymssql.Error as error:
        same(error.args[0], number)
        return error.args[1].decode()
    raise AssertionError(f"no error {number}")


def log_in():
    connect().close()
    try:
        connect("wrong")
    except pymssql.OperationalError as error:
        if "18456" not in str(error):
            raise
    else:
        raise AssertionError("a wrong password was taken")


def types():
    with connect() as connection, connection.cursor(as_dict=True) as cursor:
        cursor.execute(pathlib.Path(__file__).with_name("cases.sql").read_text(encoding="utf-8"))
        row = cursor.fetchone()
    wanted = {
        "a_bit": True, "a_tinyint": 255, "a_smallint": -32768, "an_int": -2147483648, "a_bigint": 9007199254740993,
        "a_decimal": decimal.Decimal("1234567890123456789012345678.0123456789"), "a_real": 0.5, "a_float": 0.1,
        "a_char": "ab ", "a_varchar": "Größe", "an_nvarchar": "日😀", "a_max": "long",
        "a_guid": uuid.UUID("00112233-4455-6677-8899-AABBCCDDEEFF"), "a_varbinary": b"\x01\x02\xff",
        "a_datetime": datetime.datetime(2026, 3, 1, 10, 11, 12, 123000), "a_null": None,
    }
    for name, wish in wanted.items():
        same((name, row[name]), (name, wish))
    same(str(row["a_date"])[:10], "2026-03-01")
    same(str(row["a_datetime2"])[:23], "2026-03-01 10:11:12.123")


def errors():
    with connect() as connection:
        message = fails(connection, "RAISERROR(N'a peer asked for it', 16, 7)", 50000)
        if "a peer asked for it" not in message or "severity 16" not in message:
            raise AssertionError(message)
        fails(connection, "SELECT nothing FROM catalog.executions", 207)
        fails(connection, "SELECT 1/0", 8134)
        same(value(connection, "SELECT 1"), 1)


def cancel():
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT m.message FROM catalog.event_messages AS m CROSS JOIN catalog.event_messages AS n")
        cursor.fetchone()
        connection._conn.cancel()  # dbcancel, in the middle of the rows
        same(value(connection, "SELECT 1"), 1)


def transactions():
    with connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE dbo.peer_pymssql (n int NOT NULL)")
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO dbo.peer_pymssql (n) VALUES (%d)", (1,))
        same(value(connection, "SELECT @@TRANCOUNT"), 1)
        connection.rollback()
        same(value(connection, "SELECT COUNT(*) FROM dbo.peer_pymssql"), 0)
        cursor.execute("INSERT INTO dbo.peer_pymssql (n) VALUES (%d)", (1,))
        connection.commit()
        same(value(connection, "SELECT COUNT(*) FROM dbo.peer_pymssql"), 1)


def procedures():
    with connect(autocommit=True) as connection, connection.cursor() as cursor:
        cursor.callproc("catalog.configure_catalog", ("RETENTION_WINDOW", "30"))
        same(value(connection, "SELECT property_value FROM catalog.catalog_properties WHERE property_name = %s", "RETENTION_WINDOW"), "30")


CASES = {"log-in": log_in, "types": types, "errors": errors, "cancel": cancel, "transactions": transactions, "procedures": procedures}
for name, case in CASES.items():
    try:
        case()
        print(f"{name}\tok\t")
    except Exception as error:  # whatever it is, it is the case's answer
        print(f"{name}\tnot ok\t{type(error).__name__} {error}".replace("\n", " "))
