package kapok.bench;

import java.util.Map;
import javax.sql.DataSource;
import org.camunda.bpm.engine.ProcessEngine;
import org.camunda.bpm.engine.ProcessEngineConfiguration;
import org.camunda.bpm.engine.impl.cfg.StandaloneProcessEngineConfiguration;

/** Camunda 7, embedded: full history, the log of what users do included. Its job executor is off: no timer falls due. */
public final class Camunda implements Engine {
    private final ProcessEngine engine;

    private Camunda(DataSource database) {
        ProcessEngineConfiguration configuration = new StandaloneProcessEngineConfiguration()
                .setDataSource(database)
                .setDatabaseSchemaUpdate(ProcessEngineConfiguration.DB_SCHEMA_UPDATE_TRUE)
                .setHistory(ProcessEngineConfiguration.HISTORY_FULL)
                .setJobExecutorActivate(false);
        engine = configuration.buildProcessEngine();
    }

    public static void main(String[] arguments) throws Exception {
        Work.run(Camunda::new, arguments);
    }

    @Override
    public String name() {
        return "Camunda 7";
    }

    @Override
    public String version() {
        return ProcessEngine.class.getPackage().getImplementationVersion();
    }

    @Override
    public void deploy(String resource) {
        engine.getRepositoryService().createDeployment().addClasspathResource(resource).deploy();
    }

    @Override
    public String start(String process, Map<String, Object> variables) {
        engine.getIdentityService().setAuthenticatedUserId("intake1");
        return engine.getRuntimeService().startProcessInstanceByKey(process, variables).getId();
    }

    @Override
    public String openTask(String instance) {
        return engine.getTaskService().createTaskQuery().processInstanceId(instance).singleResult().getId();
    }

    @Override
    public void complete(String task, Map<String, Object> variables) {
        engine.getIdentityService().setAuthenticatedUserId("examiner1");
        engine.getTaskService().complete(task, variables);
    }

    @Override
    public void close() {
        engine.close();
    }
}
