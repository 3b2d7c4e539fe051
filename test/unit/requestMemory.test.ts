import type { IContextObject } from 'n8n-workflow';
import { RequestMemory } from '../../nodes/shared/requests/requestMemory';

/** What a try has left: a request of the second item. */
function left(): IContextObject {
	const data: IContextObject = {};
	const memory = new RequestMemory(data, 0);
	const entry = memory.find(1, { asked: 'a boat', sent: 'a boat' });
	memory.save(entry, {
		status: 'submitted',
		cancelOnStop: true,
		address: { requestId: 'r-1' },
		body: {},
	});
	memory.close('not handed over');
	return data;
}

describe('an item that fails before it is known what would be sent', () => {
	it('is told of its own request', () => {
		expect(new RequestMemory(left(), 0).claim(1, 'a boat')).toMatchObject({
			address: { requestId: 'r-1' },
		});
	});

	it.each([
		['of another item that asks for the same', 0, 'a boat'],
		['of itself for what it no longer asks for', 1, 'a car'],
	])('is not told of the request %s', (_, item, asked) => {
		expect(new RequestMemory(left(), 0).claim(item, asked)).toBeUndefined();
	});
});

it('a request is kept from the moment before it is sent, and once', () => {
	const data: IContextObject = {};
	const memory = new RequestMemory(data, 0);
	const entry = memory.find(0, { asked: 'a boat', sent: 'a boat' });
	memory.save(entry, { status: 'sending' });
	expect(data.runcomfyRequests).toHaveLength(1);
	const submitted = { cancelOnStop: true, address: { requestId: 'r-1' }, body: {} };
	memory.save(entry, { status: 'submitted', ...submitted });
	expect(data.runcomfyRequests).toHaveLength(1);
	expect(memory.addresses).toEqual([{ requestId: 'r-1' }]);
});
