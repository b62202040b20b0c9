// jTDS speaks TDS 8.0, which is 7.1 by today's count: it has to understand why it is refused.
import java.sql.*;

public class Jtds {
    static Connection connect(String[] to, String more) throws SQLException {
        return DriverManager.getConnection("jdbc:jtds:sqlserver://" + to[0] + ":" + to[1] + "/SSISDB;ssl=off;loginTimeout=10" + more, "sa",
            System.getenv("PEER_PASSWORD"));
    }

    static void refused(String[] to, String more) throws Exception {
        try {
            connect(to, more).close();
        } catch (SQLException error) {
            String wanted = "Login failed: the sandbox speaks TDS 7.2, 7.3 and 7.4 only.";
            if (error.getErrorCode() != 18456 || !error.getMessage().contains(wanted))
                throw new Exception(error.getErrorCode() + " " + error.getMessage());
            return;
        }
        throw new Exception("it was let in");
    }

    public static void main(String[] to) {
        try {
            Class.forName("net.sourceforge.jtds.jdbc.Driver");
            for (String version : new String[] {"", ";TDS=8.0", ";TDS=7.0"})
                refused(to, version);
            System.out.println("log-in\tok\trefused, and told why: it speaks TDS 7.0 and 7.1");
        } catch (Exception error) {
            System.out.println("log-in\tnot ok\t" + error.getMessage());
        }
    }
}
