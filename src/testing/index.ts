export { FakeClock } from './fake-clock.js';
export { SeededRandomness } from './seeded-randomness.js';
