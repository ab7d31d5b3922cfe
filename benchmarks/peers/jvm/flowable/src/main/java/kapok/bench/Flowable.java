package kapok.bench;

import java.util.Map;
import javax.sql.DataSource;
import org.flowable.common.engine.impl.history.HistoryLevel;
import org.flowable.common.engine.impl.identity.Authentication;
import org.flowable.engine.ProcessEngine;
import org.flowable.engine.ProcessEngineConfiguration;
import org.flowable.engine.impl.cfg.StandaloneProcessEngineConfiguration;

/** Flowable, embedded: full history. Its asynchronous executor is off: no timer falls due. */
public final class Flowable implements Engine {
    private final ProcessEngine engine;

    private Flowable(DataSource database) {
        StandaloneProcessEngineConfiguration configuration = new StandaloneProcessEngineConfiguration();
        configuration.setDataSource(database);
        configuration.setDatabaseSchemaUpdate(ProcessEngineConfiguration.DB_SCHEMA_UPDATE_TRUE);
        configuration.setHistoryLevel(HistoryLevel.FULL);
        configuration.setAsyncExecutorActivate(false);
        engine = configuration.buildProcessEngine();
    }

    public static void main(String[] arguments) throws Exception {
        Work.run(Flowable::new, arguments);
    }

    @Override
    public String name() {
        return "Flowable";
    }

    @Override
    public String version() {
        return ProcessEngine.VERSION;
    }

    @Override
    public void deploy(String resource) {
        engine.getRepositoryService().createDeployment().addClasspathResource(resource).deploy();
    }

    @Override
    public String start(String process, Map<String, Object> variables) {
        Authentication.setAuthenticatedUserId("intake1");
        return engine.getRuntimeService().startProcessInstanceByKey(process, variables).getId();
    }

    @Override
    public String openTask(String instance) {
        return engine.getTaskService().createTaskQuery().processInstanceId(instance).singleResult().getId();
    }

    @Override
    public void complete(String task, Map<String, Object> variables) {
        Authentication.setAuthenticatedUserId("examiner1");
        engine.getTaskService().complete(task, variables);
    }

    @Override
    public void close() {
        engine.close();
    }
}
