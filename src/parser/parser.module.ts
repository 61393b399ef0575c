import { ConfigurableModuleBuilder, Module } from '@nestjs/common';
import { IssueParserService } from './issue-parser.service.js';
import { IssueSplitterService } from './issue-splitter.service.js';
import { PARSER_OPTIONS, resolveParserOptions, type ParserModuleOptions } from './parser.options.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<ParserModuleOptions>({
  moduleName: 'Parser',
})
  .setClassMethodName('forRoot')
  .setExtras({ isGlobal: true }, (definition, { isGlobal }) => ({ ...definition, global: isGlobal }))
  .build();

/**
 * Reads issues. Needs no other module of this package, and works without a model and without a database.
 *
 * Global by default, so that the app calls `forRoot` once: a second module would be a second cache.
 */
@Module({
  providers: [
    { provide: PARSER_OPTIONS, useFactory: resolveParserOptions, inject: [MODULE_OPTIONS_TOKEN] },
    IssueParserService,
    IssueSplitterService,
  ],
  exports: [IssueParserService, IssueSplitterService],
})
export class ParserModule extends ConfigurableModuleClass {}
