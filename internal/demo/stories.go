package demo

// story is one customer and what he says, turn by turn: the first is the mail that opens the matter, each further one answers
// what the desk wrote.
type story struct {
	name, address, subject string
	turns                  []string
	html                   bool
	file                   string // name of an attachment of the first mail
	next                   int
	round                  int
}

var stories = []*story{
	{name: "Marta Ruiz", address: "marta.ruiz@customers.example", subject: "Order 4711 has not arrived", turns: []string{
		"Hello,\n\nmy order 4711 was to arrive last Friday, and the tracking page has said \"in transit\" since then. Could you find out where it is?\n\nKind regards\nMarta Ruiz",
		"Thank you for the quick answer. I will be at home on Thursday from noon on, that would suit me well.",
		"Perfect, thank you very much for your help!"}},
	{name: "Jonas Lindqvist", address: "jonas@customers.example", subject: "Squeaking front brake", html: true, turns: []string{
		"Hi there,\n\nthe front brake of my City 3 has started to squeak when it rains. Is that something I can fix on my own, or should I bring it in?",
		"I have cleaned the disc as you said, but it still squeaks. Do you have a slot in the workshop this week?",
		"Great, see you then."}},
	{name: "Amina Diallo", address: "amina.diallo@customers.example", subject: "Invoice for our company", file: "company-details.txt", turns: []string{
		"Good morning,\n\nwe bought four cargo bikes in October. Our accounting needs an invoice with our VAT number; you will find the details attached.",
		"Received, thank you. Could you also send a copy to accounting@diallo.example?"}},
	{name: "Pieter de Vries", address: "pieter@customers.example", subject: "Wrong size", turns: []string{
		"The jacket you sent me is an L, but I had ordered an M. How do I send it back?",
		"Label printed, the parcel goes out tomorrow. When will the new one be here?"}},
	{name: "Lucía Fernández", address: "lucia@customers.example", subject: "¿Hacéis envíos a Canarias?", turns: []string{
		"Hola,\n\nquería saber si enviáis bicicletas a Tenerife y cuánto costaría el envío de una Trail 29.\n\nUn saludo,\nLucía",
		"Gracias, me parece bien. Haré el pedido esta tarde."}},
	{name: "Tom Becker", address: "tom.becker@customers.example", subject: "Battery range in winter", html: true, turns: []string{
		"Hi,\n\nmy e-bike makes 45 km instead of 80 since it got cold. Is the battery broken?",
		"That explains it. I will keep it indoors over night.",
		"It works much better now. Thanks!"}},
	{name: "Grace Mwangi", address: "grace@customers.example", subject: "Gift card code does not work", turns: []string{
		"Hello, I was given a gift card, but the shop says \"unknown code\". The code is HB-7F3K-22. Can you check it, please?",
		"Now it works. Thank you!"}},
	{name: "Henri Laurent", address: "henri@customers.example", subject: "Service appointment", turns: []string{
		"Bonjour,\n\nI would like to book the yearly service for two bikes, if possible on the same day next week.",
		"Tuesday at ten is fine."}},
}

// chats is what visitors of the web page say.
var chats = [][]string{
	{"Hi, do you have the Trail 29 in green?", "And is it in stock in the Harbour Street shop?", "Perfect, I will come by. Bye!"},
	{"Hello! How long does a repair take right now?", "OK. Do I need an appointment?", "Thanks a lot."},
	{"Can I pay in three instalments?", "Good to know, thank you!"},
}
