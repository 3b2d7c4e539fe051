import { requestsLeft } from '../fixtures/recipe';

/** A line that a run of the node has written to n8n's log. */
interface LogLine {
	execution: string;
	node: string;
	run: string;
	/** The item that it is about, unless it is about all of them. */
	item?: number;
	message: string;
}

/** Reads a line of n8n's log; nothing when the node has not written it. */
export function runOf(line: string): LogLine | undefined {
	const [, execution, node, run, item, message] =
		/RunComfy: execution (\S+), "(.+)", run (\d+)(?:, item (\d+))?: (.+)/.exec(line) ?? [];
	if (execution === undefined) return undefined;
	return { execution, node, run, ...(item && { item: Number(item) }), message };
}

/** What the docs' recipe finds of one execution, in the order of the requests. */
export function requestsOf(log: string[], executionId: string): string[] {
	const placeOf = (id: string) => log.findIndex((line) => line.includes(`${id} is submitted`));
	const found = requestsLeft(`${log.join('\n')}\n`, executionId);
	return found.sort((one, other) => placeOf(one) - placeOf(other));
}
