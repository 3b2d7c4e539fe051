/** White space, and characters that show nothing: control, format, fillers, the empty braille cell. */
const SHOWS_NOTHING = /^[\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]*$/u;

/** True for text in which there is nothing to see. */
export function isBlank(text: string): boolean {
	return SHOWS_NOTHING.test(text);
}
