// Ids of what this screen makes, in the alphabet of desk.ValidID. 130 random bits: nobody makes the same one.
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

export function newId(prefix: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(26))
  return prefix + Array.from(bytes, (b) => alphabet[b & 31]).join('')
}
