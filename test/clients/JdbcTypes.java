// As what columns arrive through JDBC: reads lines of a name and a query, prints a line for each
// column. Run from its source.
import java.io.*;
import java.sql.*;

public class JdbcTypes {
    static String kind(ResultSetMetaData columns, int i) throws SQLException {
        switch (columns.getColumnType(i)) {
            case Types.NUMERIC:
                return columns.getScale(i) == 4 && columns.getPrecision(i) == 20
                    ? "number" : "scale " + columns.getScale(i);
            case Types.DOUBLE: case Types.BIGINT: case Types.INTEGER: return "number";
            case Types.VARCHAR: return "text";
            case Types.DATE: return "date";
            case Types.BIT: case Types.BOOLEAN: return "boolean";
            default:
                return JDBCType.valueOf(columns.getColumnType(i)) + " "
                    + columns.getColumnTypeName(i);
        }
    }

    static boolean fits(Object value, String kind) {
        switch (kind) {
            case "number":
                return value instanceof Number && Double.isFinite(((Number) value).doubleValue());
            case "text": return value instanceof String;
            case "date": return value instanceof java.sql.Date;
            default: return value instanceof Boolean;
        }
    }

    public static void main(String[] arguments) throws Exception {
        var env = System.getenv();
        var server = env.get("PGHOST") + ":" + env.get("PGPORT") + "/" + env.get("PGDATABASE");
        var connection =
            DriverManager.getConnection("jdbc:postgresql://" + server, env.get("PGUSER"), "");
        var input = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = input.readLine()) != null;) {
            var parts = line.split("\t");
            var rows = connection.createStatement().executeQuery(parts[1]);
            var columns = rows.getMetaData();
            var kinds = new String[columns.getColumnCount() + 1];
            for (int i = 1; i < kinds.length; i++)
                kinds[i] = kind(columns, i);
            while (rows.next())
                for (int i = 1; i < kinds.length; i++)
                    if (rows.getObject(i) != null && !kinds[i].startsWith("value")
                            && !fits(rows.getObject(i), kinds[i]))
                        kinds[i] = "value " + rows.getObject(i);
            for (int i = 1; i < kinds.length; i++)
                System.out.println(parts[0] + "\t" + columns.getColumnName(i) + "\t" + kinds[i]);
        }
    }
}
