// The least that could be done: node:http, the signature, JSON.parse, and the same durable insert. Nothing is checked.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const [, , dist, dataFolder, secret] = process.argv;
const { openDatabase, SqlDeliveryLog } = await import(`${dist}/persistence/index.js`);
const database = await openDatabase({ dataFolder });
const log = new SqlDeliveryLog(database);

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const bytes = Buffer.concat(chunks);
    const expected = createHmac('sha256', secret).update(bytes).digest();
    const given = Buffer.from(request.headers['x-gitea-signature'], 'hex');
    if (!timingSafeEqual(expected, given)) return response.writeHead(401).end();
    const { action, issue, repository, sender } = JSON.parse(bytes.toString());
    const [owner, repo] = repository.full_name.split('/');
    const delivery = {
      id: request.headers['x-gitea-delivery'],
      kind: request.headers['x-gitea-event-type'],
      action,
      issue: {
        ref: { owner, repo, number: issue.number },
        title: issue.title,
        body: issue.body,
        state: issue.state,
        assignees: issue.assignees.map(({ login }) => login),
        labels: issue.labels.map(({ name }) => name),
        updatedAt: issue.updated_at,
        defaultBranch: repository.default_branch,
      },
      sender: sender.login,
      receivedAt: Date.now(),
    };
    void log.record(delivery).then((status) => {
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({ status, delivery: delivery.id }));
    });
  });
});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
// The processor time used so far, in microseconds, when asked.
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send(user + system);
});
process.once('disconnect', () => server.close(() => void database.close()));
