import type { Catalog } from '../api/catalog';
import type { CallLimits } from '../api/http';
import type { Makes } from '../errors/errorText';
import type { ModelInput } from '../inputs/prepareInput';
import type { Item } from '../parameters/item';
import type { RunLog } from '../requests/runLog';

/**
 * Reads and checks model and input of one item.
 *
 * Rejects with a RunComfyError: `invalidInput`, naming every fault, or what the catalog rejects with.
 */
export type ReadInput = (item: Item) => Promise<ModelInput>;

/** What a node may use to read its items. */
export interface InputSources {
	catalog: Catalog;
	/** The bounds of what begins now: its deadline, and the end of the run. */
	limits(withinMs: number): CallLimits;
	log: Pick<RunLog, 'debug'>;
}

/** What differs between nodes when they run: their fields, and how an item becomes the input of a model. */
export interface MediaNode {
	/** What it makes, as errors call it. */
	makes: Makes;
	/** The names of the fields that say what to generate. */
	inputFields: string[];
	/** Whether a completed request whose output names no file has failed. */
	alwaysGivesFiles: boolean;
	/** Begins a run, in which all items are read with what this gives. */
	openInput(sources: InputSources): ReadInput;
}
