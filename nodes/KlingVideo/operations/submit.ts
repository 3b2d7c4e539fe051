import { asItem } from '../runtime/asItem';
import { readInput } from '../runtime/readInput';
import { readWaiting } from '../runtime/readOptions';
import { submitOnce } from '../runtime/submitOnce';
import { defineOperation } from './operation';

export const submit = defineOperation({
	option: {
		name: 'Submit',
		value: 'submit',
		action: 'Submit a video request',
		description: 'Submit a paid request and give its ID back at once, to be collected later',
	},
	prepare: (context, itemIndex) => ({
		...readInput(context, itemIndex),
		itemIndex,
		waiting: readWaiting(context, itemIndex),
	}),
	async run(session, order) {
		const { body } = await submitOnce(session, order);
		return [asItem(body, order.itemIndex)];
	},
});
