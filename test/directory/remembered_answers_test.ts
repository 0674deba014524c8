import { expect, test } from "vitest";
import {
  MAX_REMEMBERED_LENGTH,
  MAX_REMEMBERED_SERVICES,
  RememberedAnswers,
} from "../../src/directory/remembered_answers.ts";

test("RememberedAnswers keeps MAX_REMEMBERED_SERVICES answers and begins anew at the next", () => {
  const answers = new RememberedAnswers<number>(1000);
  for (let at = 0; at < MAX_REMEMBERED_SERVICES; at++) {
    answers.remember(`${at}`, at, 0);
  }
  answers.remember("0", 7, 0);
  expect(answers.answerOf("0", 0)).toBe(7);
  expect(answers.answerOf("1", 0)).toBe(1);
  answers.remember("more", 8, 0);
  expect(answers.answerOf("1", 0)).toBe(undefined);
  expect(answers.answerOf("more", 0)).toBe(8);
});

test("RememberedAnswers keeps MAX_REMEMBERED_LENGTH characters and begins anew at the next", () => {
  const answers = new RememberedAnswers<number>(1000);
  answers.remember("a".repeat(MAX_REMEMBERED_LENGTH - 1), 1, 0);
  answers.remember("b", 2, 0);
  expect(answers.answerOf("a".repeat(MAX_REMEMBERED_LENGTH - 1), 0)).toBe(1);
  answers.remember("c", 3, 0);
  expect(answers.answerOf("b", 0)).toBe(undefined);
  expect(answers.answerOf("c", 0)).toBe(3);
});

test("RememberedAnswers lets an answer hold from the last time it was given", () => {
  const answers = new RememberedAnswers<number>(1000);
  answers.remember("a", 1, 0);
  answers.remember("a", 2, 500);
  expect(answers.answerOf("a", 1499)).toBe(2);
  expect(answers.answerOf("a", 1500)).toBe(undefined);
});
