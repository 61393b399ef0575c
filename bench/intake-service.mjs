// The webhook as it ships: Nest on Express, the modules, the database, and a log line for each delivery.
import { ConsoleLogger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

const [, , dist, dataFolder, secret] = process.argv;
const { PersistenceModule, SqlDeliveryLog } = await import(`${dist}/persistence/index.js`);
const { WebhookModule } = await import(`${dist}/webhook/index.js`);

class ServiceModule {}
Module({
  imports: [
    PersistenceModule.forRoot({ dataFolder }),
    WebhookModule.forRootAsync({
      inject: [SqlDeliveryLog],
      useFactory: (deliveryLog) => ({ security: { secrets: [secret] }, deliveryLog }),
    }),
  ],
})(ServiceModule);

const logger = new ConsoleLogger({ json: true, logLevels: ['log', 'warn', 'error', 'fatal'] });
const app = await NestFactory.create(ServiceModule, { logger, bodyParser: false });
await app.listen(0, '127.0.0.1', () => process.send(app.getHttpServer().address().port));
// The processor time used so far, in microseconds, when asked.
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send(user + system);
});
process.once('disconnect', () => void app.close());
