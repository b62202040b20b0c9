SELECT CAST(1 AS bit) AS a_bit, CAST(255 AS tinyint) AS a_tinyint, CAST(-32768 AS smallint) AS a_smallint, CAST(-2147483648 AS int) AS an_int,
       CAST(9007199254740993 AS bigint) AS a_bigint, CAST(1234567890123456789012345678.0123456789 AS decimal(38, 10)) AS a_decimal,
       CAST(0.5 AS real) AS a_real, CAST(0.1 AS float) AS a_float, CAST('ab' AS char(3)) AS a_char, CAST('Größe' AS varchar(20)) AS a_varchar,
       CAST(N'日😀' AS nvarchar(20)) AS an_nvarchar, CAST(N'long' AS nvarchar(max)) AS a_max,
       CAST('00112233-4455-6677-8899-AABBCCDDEEFF' AS uniqueidentifier) AS a_guid, CAST(0x0102FF AS varbinary(10)) AS a_varbinary,
       CAST('2026-03-01' AS date) AS a_date, CAST('2026-03-01T10:11:12.123' AS datetime) AS a_datetime,
       CAST('2026-03-01T10:11:12.1234567' AS datetime2(7)) AS a_datetime2,
       CAST('2026-03-01T10:11:12.1234567+02:00' AS datetimeoffset(7)) AS a_datetimeoffset, CAST(NULL AS int) AS a_null
