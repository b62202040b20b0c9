<?php
// pdo_dblib: DB-Library of FreeTDS, from PHP.
[, $host, $port] = $argv;
$dsn = "dblib:host=$host:$port;dbname=SSISDB;charset=UTF-8;version=7.4;appname=peer";

function in(string $password): PDO
{
    global $dsn;
    return new PDO($dsn, 'sa', $password, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
}

function own(): PDO
{
    return in(getenv('PEER_PASSWORD'));
}

function same($found, $wanted): void
{
    if ((string)($found ?? 'NULL') !== (string)$wanted)
        throw new Exception(($found ?? 'NULL') . " instead of $wanted");
}

function value(PDO $pdo, string $sql, array $parameters = [])
{
    $statement = $pdo->prepare($sql);
    $statement->execute($parameters);
    return $statement->fetchColumn();
}

function fails(callable $do, int $number): string
{
    try {
        $do();
    } catch (PDOException $error) {
        same($error->errorInfo[1] ?? $error->getCode(), $number);
        return $error->getMessage();
    }
    throw new Exception("no error $number");
}

$cases = [
    'log-in' => function () {
        own();
        fails(fn() => in('wrong'), 20002); // DB-Library's own number: pdo_dblib does not pass on the server's
    },
    'types' => function () {
        $row = own()->query(file_get_contents(__DIR__ . '/cases.sql'))->fetch(PDO::FETCH_ASSOC);
        $wanted = [
            'a_bit' => 1, 'a_tinyint' => 255, 'a_smallint' => -32768, 'an_int' => -2147483648, 'a_bigint' => '9007199254740993',
            'a_decimal' => '1.2345678901235E+27', /* a double, to pdo_dblib */ 'a_real' => '0.5', 'a_float' => '0.1', 'a_char' => 'ab ',
            'a_varchar' => 'Größe', 'an_nvarchar' => '日😀', 'a_max' => 'long', 'a_varbinary' => "\x01\x02\xff", 'a_null' => 'NULL',
        ];
        foreach ($wanted as $name => $wish)
            same("$name " . ($row[$name] ?? 'NULL'), "$name $wish");
        same(strtoupper(bin2hex($row['a_guid'])), '33221100554477668899AABBCCDDEEFF');
    },
    'parameters' => function () {
        same(value(own(), 'SELECT DATALENGTH(?)', ['Größe']), 5);
    },
    'errors' => function () {
        $pdo = own();
        $text = fails(fn() => $pdo->query("RAISERROR(N'a peer asked for it', 16, 7)"), 20018); // for every error of a server
        if (!str_contains($text, 'a peer asked for it') || !str_contains($text, 'severity 16'))
            throw new Exception($text);
        $text = fails(fn() => value($pdo, 'SELECT nothing FROM catalog.executions'), 20018);
        if (!str_contains($text, "Invalid column name 'nothing'."))
            throw new Exception($text);
        same(value($pdo, 'SELECT 1'), 1);
    },
    'cancel' => function () {
        $pdo = own();
        $rows = $pdo->query('SELECT m.message FROM catalog.event_messages AS m CROSS JOIN catalog.event_messages AS n');
        $rows->fetch();
        $rows->closeCursor(); // dbcancel, in the middle of the rows
        same(value($pdo, 'SELECT 1'), 1);
    },
    'transactions' => function () {
        $pdo = own();
        $pdo->exec('CREATE TABLE dbo.peer_pdo (n int NOT NULL)');
        $pdo->beginTransaction();
        $pdo->exec('INSERT INTO dbo.peer_pdo (n) VALUES (1)');
        same(value($pdo, 'SELECT @@TRANCOUNT'), 1);
        $pdo->rollBack();
        same(value($pdo, 'SELECT COUNT(*) FROM dbo.peer_pdo'), 0);
        $pdo->beginTransaction();
        $pdo->exec('INSERT INTO dbo.peer_pdo (n) VALUES (1)');
        $pdo->commit();
        same(value($pdo, 'SELECT COUNT(*) FROM dbo.peer_pdo'), 1);
    },
];

foreach ($cases as $name => $case) {
    try {
        $case();
        echo "$name\tok\t\n";
    } catch (Throwable $error) {
        echo "$name\tnot ok\t", preg_replace('/\s+/', ' ', $error->getMessage()), "\n";
    }
}
