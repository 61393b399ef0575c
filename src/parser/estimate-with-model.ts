import type { LanguageModel, ModelRequest } from './language-model.port.js';
import { checkModelAnswer, type ModelEstimate } from './model-estimate.js';
import { repairRequest } from './model-prompt.js';
import { ModelAnswerInvalidError } from './parser.errors.js';

/**
 * Asks a model and checks its answer. An answer that does not hold is sent back once, with what is wrong.
 *
 * @throws {LanguageModelError} if the model gives no complete answer, or two that do not hold
 */
export async function estimateWithModel(model: LanguageModel, request: ModelRequest): Promise<ModelEstimate> {
  const answer = await model.answer(request);
  const checked = checkModelAnswer(answer);
  if (checked.estimate !== null) return checked.estimate;

  const corrected = checkModelAnswer(await model.answer(repairRequest(request, answer, checked.problems)));
  if (corrected.estimate === null) throw new ModelAnswerInvalidError(corrected.problems);
  return corrected.estimate;
}
