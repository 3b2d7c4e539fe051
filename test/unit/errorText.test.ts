import { errorText } from '../../nodes/shared/errors/errorText';

describe('the error of a wait that was too long', () => {
	it.each([
		[0, '0 seconds'],
		[1_200, '1 second'],
		[30_400, '30 seconds'],
		[60_000, '1 minute'],
		[90_000, '1.5 minutes'],
		[1_800_000, '30 minutes'],
	])('tells %i ms as %s', (waitedMs, words) => {
		const { message } = errorText('timedOut', { waitedMs });
		expect(message).toBe(`The video was not ready within ${words}`);
	});
});
