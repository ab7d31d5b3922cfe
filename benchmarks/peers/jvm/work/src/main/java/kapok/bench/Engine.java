package kapok.bench;

import java.util.Map;

/** What the measurement asks of an engine. {@code complete} is the timed step; it returns after the commit. */
public interface Engine extends AutoCloseable {
    String name();

    String version();

    void deploy(String resource);

    String start(String process, Map<String, Object> variables);

    String openTask(String instance);

    void complete(String task, Map<String, Object> variables);

    @Override
    void close();
}
