export { loadAppConfig, type AppConfig } from './app-config.js';
export { InvalidConfigurationError } from './config.errors.js';
export { EnvironmentVariables, type LogLevelName } from './environment-variables.js';
export { APP_CONFIG, EnvironmentModule, readAppConfig } from './environment.js';
export { VARIABLES, type Variable } from './variables.js';
