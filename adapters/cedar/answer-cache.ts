import type { Answer, DecisionStats } from '../../core/ports/decision-point.ts';

/** Answers by request digest. */
export interface AnswerCache {
  /** The kept answer, marked `reused`, or a fresh one. A failure of the decision point is answered
   * but not kept, so that the next equal request is asked again. */
  answer(requestDigest: string, decide: () => Answer): Answer;
  stats(): DecisionStats;
}

/** A cache that holds the `answersMax` answers used last. */
export function answerCache(answersMax: number): AnswerCache {
  const answers = new Map<string, Answer>();
  let fresh = 0;
  let reused = 0;
  const keep = (digest: string, answer: Answer) => {
    // A Map remembers insertion order: the first key is the one used longest ago.
    answers.delete(digest);
    answers.set(digest, answer);
    const oldest = answers.keys().next();
    if (answers.size > answersMax && !oldest.done) answers.delete(oldest.value);
  };
  return {
    answer(digest, decide) {
      const kept = answers.get(digest);
      if (kept !== undefined) {
        reused += 1;
        keep(digest, kept);
        return { ...kept, reused: true };
      }
      fresh += 1;
      const answer = decide();
      if (answer.code !== 'pdp-failed') keep(digest, answer);
      return answer;
    },
    stats: () => ({ fresh, reused }),
  };
}
