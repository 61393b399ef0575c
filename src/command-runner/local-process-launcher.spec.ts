import { describeProcessLauncher } from '../../test/contracts/process-launcher.contract.js';
import { LocalProcessLauncher } from './local-process-launcher.js';

describeProcessLauncher('LocalProcessLauncher', () => new LocalProcessLauncher({ graceMs: 300 }));
