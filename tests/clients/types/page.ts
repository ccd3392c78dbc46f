// A page's code, as a compiler must take it: with the messages of each major, and the published types of our own.
import type { UIMessage as UIMessage5 } from "ai-5";
import type { UIMessage as UIMessage6 } from "ai-6";
import type { UIMessage as UIMessage7 } from "ai-7";

import type { QuestionAnswer, SagaDataParts, SagaMetadata, SagaTools } from "../../../tools/saga";

type Message =
  | UIMessage5<SagaMetadata, SagaDataParts, SagaTools>
  | UIMessage6<SagaMetadata, SagaDataParts, SagaTools>
  | UIMessage7<SagaMetadata, SagaDataParts, SagaTools>;

export function lines(message: Message): string[] {
  const told: string[] = [message.metadata?.runId ?? ""];
  for (const part of message.parts) {
    switch (part.type) {
      case "tool-create_entity":
        if (part.state === "output-available") told.push(part.input.name, ...(part.output.warnings ?? []));
        // @ts-expect-error: no entity is of a type that the tool does not know
        if (part.state === "output-available" && part.input.type === "spaceship") told.push("never");
        break;
      case "tool-ask_question":
        if (part.state === "input-available") told.push(part.input.question, ...(part.input.options ?? []).map((option) => option.label));
        break;
      case "tool-open_panel":
        if (part.state === "input-available") told.push(part.input.panel);
        break;
      case "data-subagent":
        told.push(`@${part.data.agent}: ${part.data.state}`);
        break;
      case "data-approval":
        told.push(part.data.approvalId);
        // @ts-expect-error: an approval has no such field
        told.push(part.data.signature);
        break;
      case "data-notice":
        told.push(part.data.text);
        break;
    }
  }
  return told;
}

export const answers: QuestionAnswer[] = ["new", { option_ids: ["new"], note: "By the mill." }, { text: "Neither." }];

// @ts-expect-error: options are chosen by their ids
export const wrong: QuestionAnswer = { option_ids: [2] };
