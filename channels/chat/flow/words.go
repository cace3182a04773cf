package flow

import "strings"

// words are what a bot says by itself, where its configuration says nothing.
type words struct {
	handedOver, away, giveUp string
	wrong                    map[string]string
}

var english = words{
	handedOver: "I am passing you on to a person. They have read what you wrote here.",
	away:       "Nobody of the team is there at the moment. We have what you wrote and will answer you here.",
	giveUp:     "I do not understand. I am passing you on to a person.",
	wrong: map[string]string{
		"text":   "Please write a short answer.",
		"name":   "Please write your name, in at most 80 characters.",
		"email":  "That does not look like a mail address, such as ana@example.com.",
		"phone":  "That does not look like a phone number. Write it with its country, such as +34 600 000 000.",
		"number": "That is not a number, such as 12.5.",
		"choice": "Please choose one of the answers below.",
	},
}

var spanish = words{
	handedOver: "Le paso con una persona, que puede leer lo que ha escrito aquí.",
	away:       "Ahora mismo no hay nadie del equipo. Tenemos lo que ha escrito y le responderemos aquí.",
	giveUp:     "No le entiendo. Le paso con una persona.",
	wrong: map[string]string{
		"text":   "Escriba una respuesta corta.",
		"name":   "Escriba su nombre, con 80 caracteres como máximo.",
		"email":  "Eso no parece una dirección de correo, como ana@example.com.",
		"phone":  "Eso no parece un número de teléfono. Escríbalo con su país, como +34 600 000 000.",
		"number": "Eso no es un número, como 12,5.",
		"choice": "Elija una de las respuestas de abajo.",
	},
}

func wordsOf(language string) words {
	if language == "es" {
		return spanish
	}
	return english
}

// A wish for a person is said in few words: one of those that name somebody, and none but those that go with it. So neither "two
// people, please" nor "my agent told me to come here" is one.
var (
	persons = set("person human humans agent representative operator somebody someone employee persona humano humana agente operador operadora alguien empleado empleada")
	fillers = set("please a an the to with by talk speak chat i want need would like id can could may me get let real live actual true not no bot robot machine hello hi hola " +
		"por favor quiero quisiera necesito puedo podria podría hablar chatear con una un el la de verdad real me gustaria gustaría pasame pásame no máquina maquina")
)

func set(s string) map[string]bool {
	all := map[string]bool{}
	for _, w := range strings.Fields(s) {
		all[w] = true
	}
	return all
}

// WantsPerson reports whether a visitor asks for a person.
func WantsPerson(said string) bool {
	if len(said) > 200 {
		return false
	}
	list, found := strings.Fields(plain(strings.ReplaceAll(said, "'", ""))), false
	for _, w := range list {
		switch {
		case persons[w]:
			found = true
		case !fillers[w]:
			return false
		}
	}
	return found && len(list) <= 12
}
