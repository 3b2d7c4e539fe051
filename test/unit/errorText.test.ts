import { ERROR_KINDS } from '../../nodes/shared/api/errors';
import { asHtml, errorText } from '../../nodes/shared/errors/errorText';

describe('the error of a wait that was too long', () => {
	it.each([
		[0, '0 seconds'],
		[1_200, '1 second'],
		[30_400, '30 seconds'],
		[60_000, '1 minute'],
		[90_000, '1.5 minutes'],
		[1_800_000, '30 minutes'],
	])('tells %i ms as %s', (waitedMs, words) => {
		const { message } = errorText('timedOut', { waitedMs }, 'video');
		expect(message).toBe(`The video was not ready within ${words}`);
	});
});

describe('an error of RunComfy', () => {
	it('tells its cause in the message', () => {
		const { message, description } = errorText('failed', { detail: 'Content policy.' }, 'video');
		expect(message).toBe("RunComfy couldn't generate the video: Content policy");
		expect(description).not.toContain('Content policy');
	});

	it.each(['connect ECONNREFUSED', 'a preexisting job', 'The job was canceled', 'x'.repeat(161)])(
		'leaves the cause to the first line of the description where n8n would change the message: %s',
		(detail) => {
			const { message, description } = errorText('failed', { detail }, 'video');
			expect(message).toBe("RunComfy couldn't generate the video");
			expect(description.split('\n')[0]).toBe(`Cause: ${detail}`);
		},
	);

	it('tells the name of a code beside the code, and not as a cause', () => {
		const facts = { httpStatus: 401, errorCode: 400_004, detail: 'UserAccountError' };
		const { description } = errorText('unauthorized', facts, 'video');
		expect(description).toContain('RunComfy code: 400004 (UserAccountError)');
		expect(description).not.toContain('Cause');
	});

	it.each(ERROR_KINDS)('says nothing of a video where the node makes other media: %s', (kind) => {
		const facts = { requestId: '1', url: 'https://x.test/1', waitedMs: 1 };
		const { message, description } = errorText(kind, facts, 'media');
		expect(`${message} ${description}`).not.toMatch(/video|kling/i);
	});

	it.each(['failed', 'cancelled'] as const)('says after %s that a next try pays again', (kind) => {
		expect(errorText(kind, {}, 'video').description).toContain('This starts a new billed request');
	});
});

describe('a description in n8n’s editor', () => {
	it('keeps its lines, and shows RunComfy’s message as it is', () => {
		expect(asHtml('Cause: <img src=x onerror=alert(1)> `a` & "b"\nRequest ID: 1')).toBe(
			'Cause: &lt;img src=x onerror=alert(1)&gt; &#96;a&#96; &amp; &quot;b&quot;<br>Request ID: 1',
		);
	});

	it('makes links of URLs', () => {
		expect(asHtml('URL: https://cdn.test/a.mp4?x=1&y=2.\nEnd')).toBe(
			'URL: <a href="https://cdn.test/a.mp4?x=1&amp;y=2" target="_blank">https://cdn.test/a.mp4?x=1&amp;y=2</a>.<br>End',
		);
	});
});
