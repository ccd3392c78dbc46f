// The types of a page's messages, written from saga_agent by `saga contracts write` and never edited by hand.
//
//   import type { UIMessage } from "ai";
//   const chat = useChat<UIMessage<SagaMetadata, SagaDataParts, SagaTools>>({ ... });

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** What the server says of a message; a stored answer has its state, too. */
export type SagaMetadata = { runId?: string; agent?: string; state?: string };

/** What every tool of the server's gives back; fields at their default are left out. */
export type ToolOutput<Data = { [name: string]: Json }> = Omit<ToolResult, "data"> & { data?: Data };

/** What answers a question: an option's id or a text alone, or the fields. */
export type QuestionAnswer = string | Answer;

export type ToolResultEvidence = {
  document_id: string;
  rev: number;
  start: number;
  end: number;
  quote: string;
};

export type ToolResultFactEvidence = {
  fact_id: string;
  quote?: string;
};

export type ToolResultFinding = {
  id: string;
  code: string;
  severity: "error" | "warning" | "info";
  message: string;
  subjects?: string[];
  evidence?: (ToolResultEvidence | ToolResultFactEvidence)[];
  data?: { [name: string]: Json };
  certainty?: "certain" | "possible";
  waived_by?: string | null;
};

/** The shape that all tools share; fields at their default are left out of what the model reads. */
export type ToolResult = {
  ok?: boolean;
  data?: { [name: string]: Json };
  findings?: ToolResultFinding[];
  proposals?: string[];
  warnings?: string[];
  ui?: { [name: string]: Json }[];
  error?: { [name: string]: Json } | null;
  engine?: "algorithm" | "llm" | "mixed";
  truncated?: boolean;
};

/** An answer to a question: chosen options, or text, and perhaps a note. */
export type Answer = {
  option_ids?: string[];
  text?: string | null;
  note?: string | null;
};

/** Check the story bible against itself: facts, ages, ties, places, items, names, references, dates, knowledge. */
export type AnalyzeConsistencyInput = {
  /** Only these families of checks, such as kinship or calendar. */
  families?: string[];
  /** Only findings about these entities, by id, name or alias. */
  about?: string[];
};

export type AskQuestionInputOption = {
  id: string;
  label: string;
  description?: string;
};

/** Ask the writer something you cannot decide for them, and wait for the answer. */
export type AskQuestionInput = {
  /** One question. */
  question: string;
  /** None for a free text, or two to eight choices. */
  options?: AskQuestionInputOption[];
  /** Whether several may be chosen. */
  multiple?: boolean;
  /** How many at least, when several may be chosen. */
  min?: number;
  /** How many at the most, when several may be chosen. */
  max?: number | null;
  /** Whether the writer may add a note. */
  allow_note?: boolean;
  /** What the answer decides. */
  context?: string;
};

export type CheckConsistencyInputWhen = {
  scene?: string | null;
  day?: number | null;
  reading_order?: number | null;
};

/** Check a passage against the story bible: who is there, where and when, what is used, known and claimed. */
export type CheckConsistencyInput = {
  /** The passage; leave it out when a document or a scene is given. */
  text?: string | null;
  /** The document's id, number ("chapter 7") or title. */
  document?: string | null;
  /** The id of a scene, instead of a document. */
  scene?: string | null;
  /** Offset of the first character to look at. */
  start?: number;
  /** Offset after the last one. */
  end?: number | null;
  /** Where in the story a bare text stands; a document or a scene tells it by itself. */
  as_of?: CheckConsistencyInputWhen | null;
  /** Only findings with these codes, such as fact.contradiction. */
  checks?: string[];
  /** Whether a model may read the claims out of the prose. */
  use_llm?: boolean;
};

/** Check how clearly a text or a document reads: metrics, and findings on wording, rhythm, dialogue and style. */
export type ClarityCheckInput = {
  /** The text to look at; leave it out when a document is given. */
  text?: string | null;
  /** The document's id, number ("chapter 7") or title. */
  document?: string | null;
  /** Offset of the first character to look at. */
  start?: number;
  /** Offset after the last one. */
  end?: number | null;
  /** Only findings with these codes, such as clarity.passive. */
  checks?: string[];
  /** The language of the text, such as "en"; guessed when left out. */
  language?: string | null;
};

export type CommitDecisionInputFactIn = {
  subject: string;
  predicate: string;
  value: Json;
  mode?: "add" | "replace";
};

export type CommitDecisionInputWhen = {
  scene?: string | null;
  day?: number | null;
  reading_order?: number | null;
};

/** Write down what the writer has settled about the story, and the facts that follow from it. */
export type CommitDecisionInput = {
  /** What was settled, in a sentence. */
  decision: string;
  /** Ids, names or aliases of whom or what it is about. */
  subjects?: string[];
  /** What is true from now on: subject, predicate such as "mother" or "eyes", and value. */
  facts?: CommitDecisionInputFactIn[];
  /** Why. */
  rationale?: string;
  /** Id of the decision, or of the single fact, that it takes the place of. */
  supersedes?: string | null;
  /** From when in the story it holds; left out, always. */
  as_of?: CommitDecisionInputWhen | null;
  /** A name of your own, under which the decision is committed once. */
  idempotency_key?: string | null;
};

/** Add somebody or something to the story bible. */
export type CreateEntityInput = {
  /** What it is. */
  type: "character" | "location" | "faction" | "item" | "magic_system" | "event" | "culture" | "concept" | "thread" | "calendar";
  /** The name the text uses. */
  name: string;
  /** One or two sentences from the text. */
  summary?: string;
  /** Other names it goes by in the text. */
  aliases?: string[];
  /** Fields of its type, such as want, fear or voice of a character. */
  fields?: { [name: string]: Json } | null;
  /** Create it although a look-alike exists. */
  force?: boolean;
};

export type CreateRelationshipInputWhen = {
  scene?: string | null;
  day?: number | null;
  reading_order?: number | null;
};

/** Tie two entities of the story bible together, as in "Asa parent_of Mira". */
export type CreateRelationshipInput = {
  /** Id, name or alias of the one the tie starts from. */
  source: string;
  /** What the tie is, e.g. parent_of, spouse_of, ally_of, enemy_of, member_of, ruler_of, lives_in, owns. */
  type: string;
  /** Id, name or alias of the one it leads to. */
  target: string;
  /** From -1 for hatred to 1 for love; left out, the type says. */
  sign?: number | null;
  /** From 0 to 1. */
  strength?: number;
  /** From when in the story it holds. */
  since?: CreateRelationshipInputWhen | null;
  /** Up to when it holds. */
  until?: CreateRelationshipInputWhen | null;
  /** Who does not know of it. */
  secret_from?: string[];
  /** What is worth knowing about it. */
  note?: string;
};

/** Find who and what is named in a text or a document: known entities of the bible, and names not yet in it. */
export type DetectEntitiesInput = {
  /** The text to look at; leave it out when a document is given. */
  text?: string | null;
  /** The document's id, number ("chapter 7") or title. */
  document?: string | null;
  /** Leave names out that are not in the bible. */
  known_only?: boolean;
  /** Leave names out that occur less often. */
  min_mentions?: number;
};

/** List all issues of the story, the weightiest first: in the bible, in the documents, and against its style. */
export type FindIssuesInput = {
  /** Leave out what is less severe. */
  min_severity?: "error" | "warning" | "info";
  /** Only these families of checks; clarity is looked at only when it is named here. */
  families?: string[];
  /** A document the writer is in, by id, number or title; its issues come first. */
  near?: string | null;
  /** The `rev` of an earlier list to compare with; the last one when left out. */
  since_rev?: number | null;
  /** How many issues at the most. */
  limit?: number;
  /** Show what the writer has waived, with the reason. */
  include_waived?: boolean;
};

/** Find images of the project that are the same, mirrored, or alike in their colours. */
export type FindSimilarImagesInput = {
  /** The id of an image of the project, or a data URL with an image in base64. */
  image: string;
  /** How many images at the most. */
  n?: number;
  /** How far apart they may be: bits of 64 for duplicates, percent for looks. */
  max_distance?: number;
  /** duplicate finds the same picture, shrunk, saved anew or mirrored; look compares colours. */
  mode?: "duplicate" | "look";
};

/** Show the writer where somebody or something is named in the manuscript. */
export type FocusEntityInput = {
  /** Its id, name or alias. */
  entity: string;
  /** Id, number or title of the document to look in; left out, the whole manuscript in reading order. */
  document?: string | null;
  /** Which of the places, from 1. */
  occurrence?: number;
};

/** Lay out the fields an entry of a type should have, with a question to ask for each. */
export type GenerateTemplateInput = {
  /** character, location, faction, item, magic_system, event, culture, concept, thread or calendar. */
  entity_type: string;
  /** Learn further fields from these entries alone: ids, names or aliases. */
  from_entities?: string[];
  /** How many fields at the most. */
  max_fields?: number;
};

/** Draft a new world around a premise: factions in conflict, places, people, events and a calendar. */
export type GenesisWorldInput = {
  /** What the story is about. */
  premise: string;
  /** Its genre. */
  genre?: string;
  /** How much of everything. */
  scale?: "small" | "medium" | "large";
  /** The same seed gives the same world. */
  seed?: number;
  /** Which parts of the world; all of them by default. */
  modules?: ("factions" | "places" | "characters" | "events" | "calendar")[];
  /** The fields of its calendar, e.g. months with name and days. */
  calendar?: { [name: string]: Json } | null;
};

/** List the manuscript's documents in reading order, with their length in characters. */
export type ListDocumentsInput = { [name: string]: never };

/** Make up names that sound like given ones and are not taken for any name of the story. */
export type NameGeneratorInput = {
  /** What is named. */
  kind: "person" | "place" | "faction" | "item";
  /** A culture of the bible, whose `names` give the sound. */
  culture?: string | null;
  /** Names that give the sound, beside those of the culture. */
  seed_names?: string[];
  /** How many names. */
  count?: number;
  /** female or male, where the given names tell it. */
  gender?: string | null;
  /** The first letters. */
  starts_with?: string;
  /** Letters at the least. */
  min_length?: number;
  /** Letters at the most. */
  max_length?: number;
  /** Further names that must not be met. */
  avoid?: string[];
  /** The same seed gives the same list. */
  seed?: number | null;
};

/** Open a panel of the writer's page, on something where it makes sense. */
export type OpenPanelInput = {
  /** Which. */
  panel: "entity" | "document" | "timeline" | "map" | "graph" | "outline" | "issues" | "workspace";
  /** Id, name or alias of an entity, or id, number or title of a document. */
  target?: string | null;
  /** A tab of the panel, e.g. "facts" of an entity or "scenes" of a document. */
  tab?: string | null;
};

export type ProposeEditInputEditIn = {
  find: string;
  replace: string;
  why?: string;
};

/** Propose changes to the text of a document; the writer sees them as a diff before they are made. */
export type ProposeEditInput = {
  /** Id, number or title of the document. */
  document: string;
  /** Each with `find`, the exact words to replace (enough of them to occur once; empty to add at the end), `replace`, and `why`. */
  edits: ProposeEditInputEditIn[];
  /** What the changes are for. */
  rationale?: string;
  /** Leave the proposal open, for the writer to take or refuse hunk by hunk. */
  hold?: boolean;
};

/** Read a document of the manuscript, or a stretch of it. */
export type ReadDocumentInput = {
  /** Its id, number ("chapter 7") or title. */
  document: string;
  /** Offset of the first character. */
  start?: number;
  /** How many characters at the most; `next_start` tells where to read on. */
  max_chars?: number;
};

/** Read on in the result of an earlier call of this turn that was cut because it was too long. */
export type ReadResultInput = {
  /** The id of the call, as its warning names it. */
  call_id: string;
  /** The character to begin at, as the warning or the last piece names it. */
  start?: number;
};

export type RecordFactInputWhen = {
  scene?: string | null;
  day?: number | null;
  reading_order?: number | null;
};

/** Record one thing that is true of somebody or something in the story, from when and until when. */
export type RecordFactInput = {
  /** Id, name or alias of whom it is about. */
  subject: string;
  /** What is told, e.g. "eyes", "mother", "home". */
  predicate: string;
  /** What it is. */
  value: Json;
  /** "replace" where only one value is true at a time, "add" where there may be several. */
  mode?: "add" | "replace";
  /** From when in the story it is so. */
  since?: RecordFactInputWhen | null;
  /** Up to when it is so. */
  until?: RecordFactInputWhen | null;
  /** "canon", or somebody's belief, lie or rumour. */
  truth?: "canon" | "belief" | "lie" | "rumour";
  /** Whose belief, lie or rumour it is. */
  holder?: string | null;
  /** Id, number or title of the document it is read from. */
  document?: string | null;
  /** The exact words of that document that say it. */
  quote?: string | null;
};

/** Find images by what is said about them: captions, tags and the names they show. */
export type SearchImagesInput = {
  /** Words to look for; may be left out when an entity is given. */
  query?: string;
  /** The project's own images, or a source from outside if the app has one. */
  source?: "project" | "provider";
  /** How many images at the most. */
  n?: number;
  /** Only images of this entity: its id, name or alias. */
  entity?: string | null;
  /** Only images under this licence. */
  licence?: string | null;
};

/** Find the passages of the manuscript that fit a question in plain words, best first. */
export type SearchStoryInput = {
  /** Words to look for; any of them may match. */
  query: string;
  /** How many passages at the most. */
  limit?: number;
};

export type ShowGraphInputWhen = {
  scene?: string | null;
  day?: number | null;
  reading_order?: number | null;
};

/** Show who is tied to whom, around somebody, between two, or in the whole story. */
export type ShowGraphInput = {
  /** Ids, names or aliases of those in the middle; left out, everybody. */
  center?: string[];
  /** How many ties away, from 1 to 3. */
  depth?: number;
  /** Types of entities to show; left out, all. */
  types?: ("character" | "location" | "faction" | "item" | "magic_system" | "event" | "culture" | "concept" | "thread" | "calendar")[];
  /** Types of ties to show; left out, all. */
  relation_types?: string[];
  /** The scene or day at which the ties hold. */
  as_of?: ShowGraphInputWhen | null;
  /** Two entities, to show the shortest way between them instead. */
  path?: [string, string] | null;
  /** How many at the most. */
  max_nodes?: number;
};

/** Suggest pairs of entities that might be related and are not: shared relations, shared scenes, goals that cross. */
export type SuggestConnectionsInput = {
  /** Only pairs with this entity: its id, name or alias. */
  entity?: string | null;
  /** How many pairs at the most. */
  n?: number;
  /** Only these kinds of reasons. */
  kinds?: ("relations" | "scenes" | "goals")[];
};

export type UpdateEntityInputWhen = {
  scene?: string | null;
  day?: number | null;
  reading_order?: number | null;
};

/** Change what the story bible says of somebody or something. */
export type UpdateEntityInput = {
  /** Its id, name or alias. */
  entity: string;
  /** What becomes of name, summary, aliases, tags and fields; null removes. What is left out stays. */
  changes: { [name: string]: Json };
  /** "correct" for what was always so, "progress" for what changes in the story from `since` on. */
  mode?: "correct" | "progress";
  /** For progress: the scene, day or place in the book from which it is so. */
  since?: UpdateEntityInputWhen | null;
  /** For progress: up to when it is so. */
  until?: UpdateEntityInputWhen | null;
  /** The revision you have read, so that nobody else's change is lost. */
  expected_rev?: number | null;
};

/** Accept a finding as it is, because the writer means it so; it is not listed any more. */
export type WaiveFindingInput = {
  /** The code of the finding, such as fact.contradiction. */
  code: string;
  /** The finding's id; or a document or an entity, for all findings with this code about it. */
  target: string;
  /** Why it is meant, in the writer's words. */
  reason: string;
};

/** An approval, for pages on AI SDK 5, whose own parts know none; the part's id is the approval's. */
export type ApprovalPart = {
  approvalId: string;
  toolCallId: string;
  toolName: string;
  state: "requested" | "approved" | "denied";
};

export type FindingsPartEvidence = {
  document_id: string;
  rev: number;
  start: number;
  end: number;
  quote: string;
};

export type FindingsPartFactEvidence = {
  fact_id: string;
  quote?: string;
};

export type FindingsPartFinding = {
  id: string;
  code: string;
  severity: "error" | "warning" | "info";
  message: string;
  subjects?: string[];
  evidence?: (FindingsPartEvidence | FindingsPartFactEvidence)[];
  data?: { [name: string]: Json };
  certainty?: "certain" | "possible";
  waived_by?: string | null;
};

/** What a check noticed; the part's id is its call's. */
export type FindingsPart = {
  toolCallId: string;
  findings: FindingsPartFinding[];
};

/** Another agent goes on with the chat, from the message named. */
export type HandoverPart = {
  fromAgent: string;
  toAgent: string;
  messageId: string;
};

/** A sentence for the writer that is no part of the answer. */
export type NoticePart = {
  text: string;
};

/** Changes that a call offers and that wait to be taken; the part's id is its call's. */
export type ProposalsPart = {
  toolCallId: string;
  proposalIds: string[];
};

/** Where in the line a turn waits, told as it moves up and kept in no message. */
export type QueuePart = {
  position: number;
};

/** How a subagent stands; the part's id is its run's, so that the newest state takes the place of the last. */
export type SubagentPart = {
  agent: string;
  task: string;
  state: "queued" | "running" | "waiting" | "finished" | "failed" | "stopped" | "interrupted";
  runId: string;
  threadId: string;
  streamId: string;
};

/** What the answer took, told once when it is stored and kept in no message. */
export type UsagePart = {
  modelCalls: number;
  inputTokens: number;
  outputTokens: number;
  costUsd: number | null;
  estimated: boolean;
};

export type SagaTools = {
  analyze_consistency: { input: AnalyzeConsistencyInput; output: ToolOutput };
  ask_question: { input: AskQuestionInput; output: ToolOutput | QuestionAnswer };
  check_consistency: { input: CheckConsistencyInput; output: ToolOutput };
  clarity_check: { input: ClarityCheckInput; output: ToolOutput };
  commit_decision: { input: CommitDecisionInput; output: ToolOutput };
  create_entity: { input: CreateEntityInput; output: ToolOutput };
  create_relationship: { input: CreateRelationshipInput; output: ToolOutput };
  detect_entities: { input: DetectEntitiesInput; output: ToolOutput };
  find_issues: { input: FindIssuesInput; output: ToolOutput };
  find_similar_images: { input: FindSimilarImagesInput; output: ToolOutput };
  focus_entity: { input: FocusEntityInput; output: ToolOutput | Json };
  generate_template: { input: GenerateTemplateInput; output: ToolOutput };
  genesis_world: { input: GenesisWorldInput; output: ToolOutput };
  list_documents: { input: ListDocumentsInput; output: ToolOutput };
  name_generator: { input: NameGeneratorInput; output: ToolOutput };
  open_panel: { input: OpenPanelInput; output: ToolOutput | Json };
  propose_edit: { input: ProposeEditInput; output: ToolOutput };
  read_document: { input: ReadDocumentInput; output: ToolOutput };
  read_result: { input: ReadResultInput; output: ToolOutput };
  record_fact: { input: RecordFactInput; output: ToolOutput };
  search_images: { input: SearchImagesInput; output: ToolOutput };
  search_story: { input: SearchStoryInput; output: ToolOutput };
  show_graph: { input: ShowGraphInput; output: ToolOutput };
  suggest_connections: { input: SuggestConnectionsInput; output: ToolOutput };
  update_entity: { input: UpdateEntityInput; output: ToolOutput };
  waive_finding: { input: WaiveFindingInput; output: ToolOutput };
};

export type SagaDataParts = {
  approval: ApprovalPart;
  findings: FindingsPart;
  handover: HandoverPart;
  notice: NoticePart;
  proposals: ProposalsPart;
  queue: QueuePart;
  subagent: SubagentPart;
  usage: UsagePart;
};
