export { InvalidContextMonitorOptionsError, InvalidContextReadingError } from './context-monitor.errors.js';
export { ContextMonitorModule } from './context-monitor.module.js';
export { resolveContextMonitorOptions, type ContextMonitorModuleOptions } from './context-monitor.options.js';
export { ContextMonitorService } from './context-monitor.service.js';
export {
  CONTEXT_ACTIONS,
  type ContextAction,
  type ContextAssessment,
  type ContextReading,
} from './context-monitor.types.js';
