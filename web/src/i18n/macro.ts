// Texts of a reply that waits, and of macros: what one does, and how it is taken back.
import { texts } from './texts'

export const macro = texts({
  'macro.done': ['“{name}” is done.', '«{name}» está hecha.'],
  'macro.changed': ['Somebody changed the ticket since. What they changed stays.', 'Alguien cambió el ticket desde entonces. Lo que cambió se queda.'],
  'macro.run_named': ['Run the macro “{name}”…', 'Ejecutar la macro «{name}»…'],
  'macro.run': ['Run it', 'Ejecutar'],
  'macro.nobody': ['nobody', 'nadie'],
  'macro.adds': ['Adds the tags {list}.', 'Añade las etiquetas {list}.'],
  'macro.removes': ['Takes off the tags {list}.', 'Quita las etiquetas {list}.'],
  'macro.team': ['Team: {name}.', 'Equipo: {name}.'],
  'macro.owner': ['Owner: {name}.', 'Responsable: {name}.'],
  'macro.priority': ['Priority: {to}.', 'Prioridad: {to}.'],
  'macro.status': ['Status: {to}.', 'Estado: {to}.'],
  'macro.note': ['Adds a note: “{text}”', 'Añade una nota: «{text}»'],
  'macro.reply': ['Answers {name}: “{text}”', 'Responde a {name}: «{text}»'],
  'delivery.goes': ['Goes out {time}', 'Sale {time}'],
  'delivery.undo': ['Undo', 'Deshacer'],
  'delivery.cancel': ['Take back', 'Retirar'],
  'delivery.now': ['Send now', 'Enviar ahora'],
  'delivery.goes_now': ['Goes out in a moment', 'Sale en un momento'],
  'delivery.undone_in_part': ['Not sent. Somebody changed the ticket since the macro: look at its status, owner and tags.', 'No enviado. Alguien cambió el ticket después de la macro: revisa su estado, responsable y etiquetas.'],
  'delivery.undone': ['Not sent. It is back in the composer.', 'No enviado. Está de nuevo en el editor.'],
})
