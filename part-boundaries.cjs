// The folders within src/orchestration, one Nest module in parts: who may import which neighbour. Everybody may import
// what stands beside the folders (options, events, errors, a job's details); what wires and drives them stands there too.
module.exports = {
  // What orchestration asks of others.
  ports: [],
  // Ports in memory: defaults, and what tests of others use.
  doubles: ['ports'],
  // What an issue and its pull request show people.
  status: ['ports'],
  // What must end before what, and the parts of large issues.
  dependencies: ['ports'],
  // What became of pull requests, and what people say of them.
  reviews: ['ports'],
  // One attempt at a job: lease, session, rounds, publication.
  runs: ['ports', 'status'],
  // What people order by comments.
  commands: ['ports', 'status', 'runs'],
  // What follows from an issue as it is now.
  intake: ['ports', 'dependencies', 'reviews', 'runs', 'commands'],
};
