// Texts of writing.
import { texts } from './texts'

export const composer = texts({
  'compose.reply': ['Reply', 'Responder'],
  'compose.note': ['Note', 'Nota'],
  'compose.reply_placeholder': ['Write to {name}…', 'Escribe a {name}…'],
  'compose.note_placeholder': ['Only your team sees this…', 'Solo lo ve tu equipo…'],
  'compose.label_reply': ['Reply to {name}', 'Respuesta a {name}'],
  'compose.label_note': ['Internal note', 'Nota interna'],
  'compose.send': ['Send', 'Enviar'],
  'compose.add_note': ['Add note', 'Añadir nota'],
  'compose.send_close': ['Send and close', 'Enviar y cerrar'],
  'compose.attach': ['Attach a file', 'Adjuntar un archivo'],
  'compose.remove_file': ['Remove {name}', 'Quitar {name}'],
  'compose.uploading': ['{name}: {percent} %', '{name}: {percent} %'],
  'compose.upload_failed': ['{name} could not be uploaded: {error}', 'No se pudo subir {name}: {error}'],
  'compose.too_large': ['{name} is larger than 25 MB.', '{name} supera los 25 MB.'],
  'compose.add_cc': ['Cc', 'Cc'],
  'compose.cc_placeholder': ['name@example.com, …', 'nombre@ejemplo.com, …'],
  'compose.bad_cc': ['“{address}” is not a mail address.', '«{address}» no es una dirección de correo.'],
  'compose.hint': ['{key} sends', '{key} envía'],
  'compose.closed': ['This ticket is closed. A reply opens it again.', 'Este ticket está cerrado. Una respuesta lo reabre.'],
})
