# DBD::Sybase: CT-Library of FreeTDS, from Perl.
use strict;
use warnings;
use utf8;
use DBI;
binmode STDOUT, ':utf8';

my $server = 'peer';    # of freetds.conf

sub in {
    my ($password) = @_;
    return DBI->connect("dbi:Sybase:server=$server;database=SSISDB;encryptPassword=0", 'sa', $password,
        { RaiseError => 1, PrintError => 0, syb_enable_utf8 => 1 });
}

sub same {
    my ($found, $wanted) = @_;
    $found //= 'NULL';
    die "$found instead of $wanted\n" if $found ne $wanted;
}

sub value {
    my ($dbh, $sql) = @_;
    return $dbh->selectrow_array($sql);
}

sub fails {
    my ($dbh, $sql, $number) = @_;
    eval { value($dbh, $sql); 1 } and die "no error $number\n";
    same($dbh->err, $number);
    return $dbh->errstr;
}

my @cases = (
    'log-in' => sub {
        in($ENV{PEER_PASSWORD})->disconnect;
        eval { in('wrong'); 1 } and die "a wrong password was taken\n";
        die $@ if $@ !~ /Login failed for user 'sa'/;
    },
    'types' => sub {
        my $dbh = in($ENV{PEER_PASSWORD});
        open my $file, '<:utf8', $ENV{PEER_CASES} or die $!;
        local $/;
        my $sql = <$file>;
        $sql =~ s/nvarchar\(max\)/nvarchar(20)/;                             # DBD::Sybase would take the whole 2 GB
        $sql =~ s/\.0123456789 AS decimal\(38, 10\)/.0123 AS decimal(38, 4)/;    # and makes NULL of 37 characters
        my $row = $dbh->selectrow_hashref($sql);
        utf8::decode($row->{$_}) for grep { !utf8::is_utf8($row->{$_}) } qw(a_varchar an_nvarchar);
        my %wanted = (
            a_bit => 1, a_tinyint => 255, a_smallint => -32768, an_int => -2147483648, a_bigint => '9007199254740993',
            a_decimal => '1234567890123456789012345678.0123', a_real => 0.5, a_float => 0.1, a_char => 'ab ',
            a_varchar => 'Größe', an_nvarchar => '日😀', a_max => 'long', a_varbinary => '0102ff', a_null => 'NULL',
        );
        same("$_ " . ($row->{$_} // 'NULL'), "$_ $wanted{$_}") for sort keys %wanted;
        same(lc $row->{a_guid}, '00112233-4455-6677-8899-aabbccddeeff');
        die "a_datetime $row->{a_datetime}\n" if $row->{a_datetime} !~ /Mar\s+1 2026 10:11/;
    },
    'errors' => sub {
        my $dbh = in($ENV{PEER_PASSWORD});
        my $text = fails($dbh, "RAISERROR(N'a peer asked for it', 16, 7)", 50000);
        die "$text\n" if $text !~ /severity=16 state=7.*a peer asked for it/s;
        fails($dbh, 'SELECT nothing FROM catalog.executions', 207);
        fails($dbh, 'SELECT 1/0',                              8134);
        same(value($dbh, 'SELECT 1'), 1);
    },
    'cancel' => sub {
        my $dbh = in($ENV{PEER_PASSWORD});
        my $sth = $dbh->prepare('SELECT CAST(m.message AS nvarchar(200)) FROM catalog.event_messages AS m CROSS JOIN catalog.event_messages AS n');
        $sth->execute;
        $sth->fetchrow_array for 1 .. 3;
        $sth->finish;    # ct_cancel, in the middle of the rows
        same(value($dbh, 'SELECT 1'), 1);
    },
    'transactions' => sub {
        my $dbh = in($ENV{PEER_PASSWORD});
        $dbh->{syb_chained_txn} = 0;    # else it ends a rollback with a COMMIT TRAN, which is error 3902
        $dbh->do('CREATE TABLE dbo.peer_dbd (n int NOT NULL)');
        $dbh->begin_work;
        $dbh->do('INSERT INTO dbo.peer_dbd (n) VALUES (1)');
        same(value($dbh, 'SELECT @@TRANCOUNT'), 1);
        $dbh->rollback;
        same(value($dbh, 'SELECT COUNT(*) FROM dbo.peer_dbd'), 0);
        $dbh->begin_work;
        $dbh->do('INSERT INTO dbo.peer_dbd (n) VALUES (1)');
        $dbh->commit;
        same(value($dbh, 'SELECT COUNT(*) FROM dbo.peer_dbd'), 1);
    },
);

while (my ($name, $case) = splice @cases, 0, 2) {
    my $ok = eval { $case->(); 1 };
    my $why = $@ =~ s/\s+/ /gr;
    print $ok ? "$name\tok\t\n" : "$name\tnot ok\t$why\n";
}
