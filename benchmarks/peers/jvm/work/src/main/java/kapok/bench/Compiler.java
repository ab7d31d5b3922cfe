package kapok.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Processor time of the threads that compile bytecode, from Linux; elsewhere nothing is told apart. */
final class Compiler {
    private static final Path THREADS = Path.of("/proc/self/task");
    private static final long NANOS_A_TICK = 10_000_000;
    /** Of proc(5), counted from the state, which follows the name in brackets. */
    private static final int USER = 11;
    private static final int SYSTEM = 12;

    private Compiler() {
    }

    static long nanos() throws IOException {
        if (!Files.isDirectory(THREADS)) {
            return 0;
        }
        try (Stream<Path> threads = Files.list(THREADS)) {
            return threads.mapToLong(thread -> ticks(thread.resolve("stat"))).sum() * NANOS_A_TICK;
        }
    }

    private static long ticks(Path stat) {
        try {
            String line = Files.readString(stat);
            int end = line.lastIndexOf(')');
            if (!line.substring(0, end).contains("Compiler")) {
                return 0;
            }
            String[] fields = line.substring(end + 2).split(" ");
            return Long.parseLong(fields[USER]) + Long.parseLong(fields[SYSTEM]);
        } catch (IOException gone) {
            return 0;
        }
    }
}
