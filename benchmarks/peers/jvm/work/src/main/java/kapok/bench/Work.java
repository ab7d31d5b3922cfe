package kapok.bench;

import com.sun.management.OperatingSystemMXBean;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;

/**
 * The peers' work on an embedded engine: a loop of one user task, each client thread with cases of its own.
 *
 * <p>Arguments: JDBC URL, process id of the PostgreSQL server, cases, rounds, completions to warm up with, then how
 * many clients, once or several times. Prints one line of JSON for each number of clients. A round completes one task
 * in every case; all clients begin it together; looking up the next task is not timed. On a slow disk, warming up and
 * measuring end before all rounds are done. What the compiler of the JVM spends meanwhile is told apart: in a service
 * that has run for hours it is nothing.
 */
public final class Work {
    private static final Map<String, Object> AGAIN = Map.of("again", true);
    private static final Map<String, Object> DATA = Map.of("again", true, "note", "x".repeat(1_000));
    private static final int CONNECTIONS = 10;
    private static final Duration WARM_UP = Duration.ofSeconds(90);
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private final Engine engine;
    private final ProcessHandle server;
    private final DataSource database;

    private Work(Engine engine, ProcessHandle server, DataSource database) {
        this.engine = engine;
        this.server = server;
        this.database = database;
    }

    public static void run(Function<DataSource, Engine> open, String[] arguments) throws Exception {
        int[] numbers = Arrays.stream(arguments).skip(1).mapToInt(Integer::parseInt).toArray();
        ProcessHandle server = ProcessHandle.of(numbers[0]).orElseThrow();
        HikariConfig pool = new HikariConfig();
        pool.setJdbcUrl(arguments[0]);
        pool.setMaximumPoolSize(CONNECTIONS);
        try (HikariDataSource database = new HikariDataSource(pool); Engine engine = open.apply(database)) {
            engine.deploy("loop.bpmn20.xml");
            Work work = new Work(engine, server, database);
            int clients = Arrays.stream(numbers).skip(4).max().orElse(1);
            work.measure(numbers[1], Math.max(1, numbers[3] / numbers[1]), clients, WARM_UP);
            for (int index = 4; index < numbers.length; index++) {
                System.out.println(work.measure(numbers[1], numbers[2], numbers[index], PATIENCE));
            }
        }
    }

    private String measure(int cases, int rounds, int clients, Duration limit) throws Exception {
        long alive = live();
        List<String> instances = IntStream.range(0, cases).mapToObj(n -> engine.start("loop", DATA)).toList();
        Totals totals = new Totals();
        List<Double> medians = new ArrayList<>();
        long until = System.nanoTime() + limit.toNanos();
        ExecutorService pool = Executors.newFixedThreadPool(clients);
        try {
            for (int round = 0; round < rounds && System.nanoTime() < until; round++) {
                double[] times = round(instances.stream().map(engine::openTask).toList(), pool, clients, totals);
                medians.add(times[times.length / 2]);
            }
        } finally {
            pool.shutdownNow();
        }
        return totals.json(cases, medians.size(), clients, medians, (live() - alive) / cases);
    }

    /** One task of every case; returns the milliseconds of each, sorted. */
    private double[] round(List<String> tasks, ExecutorService pool, int clients, Totals totals) throws Exception {
        double[] times = new double[tasks.size()];
        CyclicBarrier barrier = new CyclicBarrier(clients + 1);
        List<Future<?>> running = new ArrayList<>();
        for (int client = 0; client < clients; client++) {
            int first = client;
            running.add(pool.submit(() -> complete(tasks, first, clients, barrier, times)));
        }
        Map<Long, Duration> before = serverTimes();
        long own = SYSTEM.getProcessCpuTime();
        long compiler = Compiler.nanos();
        long began = System.nanoTime();
        barrier.await();
        for (Future<?> each : running) {
            each.get();
        }
        long wall = System.nanoTime() - began;
        totals.compiling += Compiler.nanos() - compiler;
        totals.add(wall, SYSTEM.getProcessCpuTime() - own, spent(before, serverTimes()), times);
        Arrays.sort(times);
        return times;
    }

    private Void complete(List<String> tasks, int first, int clients, CyclicBarrier barrier, double[] times)
            throws Exception {
        barrier.await();
        for (int index = first; index < tasks.size(); index += clients) {
            long began = System.nanoTime();
            engine.complete(tasks.get(index), AGAIN);
            times[index] = (System.nanoTime() - began) / 1e6;
        }
        return null;
    }

    /** Processor time so far of the database server and of each process that it has now. */
    private Map<Long, Duration> serverTimes() {
        return Stream.concat(Stream.of(server), server.children()).collect(Collectors.toMap(
                ProcessHandle::pid, process -> process.info().totalCpuDuration().orElse(Duration.ZERO)));
    }

    /** What was spent between two looks, by the processes that are still there. */
    private static Duration spent(Map<Long, Duration> before, Map<Long, Duration> after) {
        return after.entrySet().stream()
                .map(each -> each.getValue().minus(before.getOrDefault(each.getKey(), Duration.ZERO)))
                .reduce(Duration.ZERO, Duration::plus);
    }

    private long query(String statement) throws SQLException {
        try (Connection connection = database.getConnection(); Statement one = connection.createStatement();
                ResultSet rows = one.executeQuery(statement)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** Bytes of the rows in the tables of what is alive: ACT_RU_*. */
    private long live() throws SQLException {
        List<String> tables = new ArrayList<>();
        try (Connection connection = database.getConnection(); Statement one = connection.createStatement();
                ResultSet rows = one.executeQuery(
                        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename ^@ 'act_ru_'")) {
            while (rows.next()) {
                tables.add(rows.getString(1));
            }
        }
        long bytes = 0;
        for (String table : tables) {
            bytes += query("SELECT coalesce(sum(pg_column_size(each.*)), 0) FROM " + table + " AS each");
        }
        return bytes;
    }

    /** What the timed part of all rounds took. */
    private final class Totals {
        private long wall;
        private long own;
        private long compiling;
        private Duration server = Duration.ZERO;
        private final List<Double> times = new ArrayList<>();

        void add(long wallNanos, long ownNanos, Duration serverTime, double[] milliseconds) {
            wall += wallNanos;
            own += ownNanos;
            server = server.plus(serverTime);
            Arrays.stream(milliseconds).forEach(times::add);
        }

        String json(int cases, int rounds, int clients, List<Double> medians, long live) {
            double[] sorted = times.stream().mapToDouble(Double::doubleValue).sorted().toArray();
            int count = sorted.length;
            return String.format(Locale.ROOT,
                    "{\"peer\": \"%s\", \"version\": \"%s\", \"database\": \"postgresql\", \"cases\": %d, "
                            + "\"rounds\": %d, \"clients\": %d, \"client_kind\": \"%s\", \"tasks_per_s\": %.1f, "
                            + "\"p50_ms\": %.3f, \"p99_ms\": %.3f, \"first_round_ms\": %.3f, "
                            + "\"last_round_ms\": %.3f, \"cpu_ms\": %.3f, \"compiler_cpu_ms\": %.3f, "
                            + "\"server_cpu_ms\": %.3f, \"bytes_per_case\": %d}",
                    engine.name(), engine.version(), cases, rounds, clients, clients > 1 ? "threads" : "",
                    count * 1e9 / wall, sorted[count / 2], sorted[(int) (count * 0.99)], medians.get(0),
                    medians.get(medians.size() - 1), (own - compiling) / 1e6 / count, compiling / 1e6 / count,
                    server.toNanos() / 1e6 / count, live);
        }
    }
}
