package history

import (
	"fmt"
	"strings"
	"testing"
)

// languages are the words of one program for one language: mark, From, Date, To, Cc, Subject.
var marked = []string{
	"en|---------- Forwarded message ---------|From|Date|To|Cc|Subject",
	"en, Apple|Begin forwarded message:|From|Date|To|Cc|Subject",
	"en, MailMate|Forwarded message:|From|Date|To|Cc|Subject",
	"en, Thunderbird|-------- Forwarded Message --------|From|Date|To|CC|Subject",
	"en, Yahoo|----- Forwarded Message -----|From|Sent|To|Cc|Subject",
	"en, Proton|------- Forwarded Message -------|From|Date|To|CC|Subject",
	"en, Zoho|============ Forwarded message ============|From|Date|To|Cc|Subject",
	"en, Lotus|----- Forwarded by Bob/ACME on 02/11/2026 10:00 -----|From|Date|To|cc|Subject",
	"de|---------- Weitergeleitete Nachricht ----------|Von|Gesendet|An|Cc|Betreff",
	"de, Apple|Anfang der weitergeleiteten Nachricht:|Von|Datum|An|Kopie|Betreff",
	"fr|-------- Message transféré --------|De |Date |Pour |Copie à |Sujet ",
	"fr, Apple|Début du message réexpédié :|De|Date|À|Cc|Objet",
	"es|---------- Mensaje reenviado ----------|De|Fecha|Para|CC|Asunto",
	"es, Apple|Inicio del mensaje reenviado:|De|Fecha|Para|Cc|Asunto",
	"it|---------- Messaggio inoltrato ----------|Mittente|Data|A|CC|Oggetto",
	"it, Apple|Inizio messaggio inoltrato:|Da|Data|A|Cc|Oggetto",
	"nl|---------- Doorgestuurd bericht ----------|Van|Datum|Aan|CC|Onderwerp",
	"nl, Apple|Begin doorgestuurd bericht:|Van|Datum|Aan|Kopie|Onderwerp",
	"pt-BR|---------- Mensagem encaminhada ----------|De|Data|Para|Cc|Assunto",
	"pt, Apple|Início da mensagem reencaminhada:|De|Data|Para|Cc|Assunto",
	"da|-------- Videresendt meddelelse --------|Fra|Dato|Til|CC|Emne",
	"da, Apple|Start på videresendt besked:|Fra|Dato|Til|Cc|Emne",
	"no|-------- Videresendt melding --------|Fra|Dato|Til|Kopi|Emne",
	"sv|-------- Vidarebefordrat meddelande --------|Från|Datum|Till|Kopia|Ämne",
	"sv, Apple|Vidarebefordrat brev:|Från|Datum|Till|Kopia|Ämne",
	"fi|-------- Välitetty viesti --------|Lähettäjä|Päiväys|Vastaanottaja|Kopio|Aihe",
	"et|-------- Edastatud kiri --------|Saatja|Kuupäev|Saaja|Koopia|Teema",
	"pl|-------- Przekazana wiadomość --------|Nadawca|Data|Adresat|DW|Temat",
	"pl, Apple|Początek przekazywanej wiadomości:|Od|Data|Do|DW|Temat",
	"cs|-------- Přeposlaná zpráva --------|Od|Datum|Komu|Kopie|Předmět",
	"sk|-------- Preposlaná správa --------|Od|Dátum|Komu|Kópia|Predmet",
	"hr|-------- Proslijeđena poruka --------|Šalje|Datum|Prima|Kopija|Naslov",
	"hu|-------- Továbbított üzenet --------|Feladó|Dátum|Címzett|Másolat|Tárgy",
	"hu, Apple|Továbbított levél kezdete:|Feladó|Dátum|Címzett|Másolatot kap|Tárgy",
	"ro|-------- Mesaj redirecționat --------|De la|Dată|Către|Cc|Subiect",
	"ru|-------- Пересылаемое сообщение --------|От|Дата|Кому|Копия|Тема",
	"ru, Apple|Начало переадресованного сообщения:|От|Дата|Кому|Копия|Тема",
	"uk|-------- Переслане повідомлення --------|Від|Дата|Кому|Копія|Тема",
	"tr|---------- İletilmiş ileti ----------|Gönderen|Tarih|Kime|Bilgi|Konu",
	"ja|-------- 転送メッセージ --------|差出人|日付|宛先|CC|件名",
	"zh|---------- 转发的邮件 ----------|发件人|日期|收件人|抄送|主题",
	"ko|---------- 전달된 메시지 ----------|보낸 사람|날짜|받는 사람|참조|제목",
	"el|---------- Προωθημένο μήνυμα ----------|Από|Ημερομηνία|Προς|Κοιν|Θέμα",
	"he|---------- הודעה מועברת ----------|מאת|תאריך|אל|עותק|נושא",
	"vi|---------- Thư được chuyển tiếp ----------|Từ|Ngày|Đến|Cc|Chủ đề",
}

// headed have no mark: the subject and the header say it (the Outlook family).
var headed = []string{
	"FW|en|From|Sent|To|Cc|Subject", "WG|de|Von|Gesendet|An|Cc|Betreff", "TR|fr|De |Envoyé |À |Cc |Objet ", "RV|es|De|Enviado el|Para|CC|Asunto", "I|it|Da|Inviato|A|Cc|Oggetto",
	"FW|nl|Van|Verzonden|Aan|CC|Onderwerp", "ENC|pt|De|Enviado|Para|Cc|Assunto", "VS|da|Fra|Sendt|Til|Cc|Emne", "VB|sv|Från|Skickat|Till|Kopia|Ämne", "VL|fi|Lähettäjä|Lähetetty|Vastaanottaja|Kopio|Aihe",
	"FW|et|Saatja|Saadetud|Adressaat|Koopia|Teema", "PD|pl|Od|Wysłano|Do|DW|Temat", "FW|cs|Od|Odesláno|Komu|Kopie|Předmět", "FW|sk|Od|Odoslané|Komu|Kópia|Predmet", "FW|hr|Šalje|Poslano|Prima|Cc|Predmet",
	"TOVÁBBÍTÁS|hu|Feladó|Elküldve|Címzett|Másolat|Tárgy", "FW|ro|De la|Trimis|Către|Cc|Subiect", "FW|ru|От|Отправлено|Кому|Копия|Тема", "FW|uk|Від|Надіслано|Кому|Копія|Тема",
	"İLT|tr|Gönderen|Gönderildi|Kime|Bilgi|Konu", "Weitergeleitet|de|Von|Gesendet|An|Cc|Betreff", "Přeposlat|cs|Od|Odesláno|Komu|Kopie|Předmět", "転送|ja|差出人|送信日時|宛先|CC|件名", "转发|zh|发件人|发送时间|收件人|抄送|主题", "ΠΡΘ|el|Από|Στάλθηκε|Προς|Κοιν|Θέμα",
}

// styles write the header in the ways of the programs.
var styles = map[string]func(mark string, l []string) string{
	"plain": func(mark string, l []string) string {
		return mark + fmt.Sprintf("\n%s: Ana Q. <ana@customer.test>\n%s: 2 Nov 2026 10:00\n%s: My order\n%s: Bob <bob@desk.test>, Carl <carl@desk.test>\n%s: dora@desk.test\n\nWhere is it?\n\nAna", l[0], l[1], l[4], l[2], l[3])
	},
	"bold, mailto": func(mark string, l []string) string {
		return mark + fmt.Sprintf("\n\n*%s:* Ana Q. [mailto:ana@customer.test]\n*%s:* 2 Nov 2026 10:00\n*%s:* Bob <bob@desk.test<mailto:bob@desk.test>>;\nCarl <carl@desk.test>\n*%s:* dora@desk.test\n*%s:* My order\n\nWhere is it?\n\nAna", l[0], l[1], l[2], l[3], l[4])
	},
	"quoted": func(mark string, l []string) string {
		return "> " + mark + fmt.Sprintf("\n> \n> %s: \"Ana Q.\" <ana@customer.test>\n> %s: My order\n> %s: 2 Nov 2026 10:00\n> %s: Bob <bob@desk.test>,\n> Carl <carl@desk.test>\n> %s: <dora@desk.test>\n> \n> Where is it?\n> \n> Ana", l[0], l[4], l[1], l[2], l[3])
	},
	"spaced": func(mark string, l []string) string {
		return mark + fmt.Sprintf("\n\n%s:\tMy order\n\n%s:\t2 Nov 2026 10:00\n\n%s:\tAna Q. <ana@customer.test>\n\n%s:\tBob <bob@desk.test>, Carl <carl@desk.test>\n\n%s:\tdora@desk.test\n\n\nWhere is it?\n\nAna", l[4], l[1], l[0], l[2], l[3])
	},
}

func TestForwardInEveryLanguage(t *testing.T) {
	t.Parallel()
	check := func(name, subject, text string) {
		t.Helper()
		f := ReadForward(subject, text)
		if f == nil {
			t.Errorf("%s: not found in\n%s", name, text)
			return
		}
		got := fmt.Sprintf("%v|%v|%v|%s|%s|%s", f.From, f.To, f.Cc, f.Date, f.Subject, f.Text)
		want := "{Ana Q. ana@customer.test}|[{Bob bob@desk.test} {Carl carl@desk.test}]|[{ dora@desk.test}]|2 Nov 2026 10:00|My order|Where is it?\n\nAna"
		if got != want {
			t.Errorf("%s:\n got %q\nwant %q", name, got, want)
		}
	}
	for _, m := range marked {
		l := strings.Split(m, "|")
		for style, write := range styles {
			text := write(l[1], l[2:])
			check(l[0]+", "+style, "", text)
			check(l[0]+", "+style+", below a comment", "Something else", "Can you help her?\n\nBob\n\n"+text)
		}
	}
	for _, h := range headed {
		l := strings.Split(h, "|")
		for style, write := range styles {
			for _, rule := range []string{"", "________________________________", "-----Original Message-----"} {
				check(l[1]+", "+style+", "+rule, l[0]+": My order", "For you.\n\nBob\n\n"+write(rule, l[2:]))
			}
		}
	}
}

func TestNotForwarded(t *testing.T) {
	t.Parallel()
	header := "From: Ana <ana@customer.test>\nSent: Monday\nTo: Bob <bob@desk.test>\nSubject: My order\n\nWhere is it?"
	cases := map[string][2]string{
		"plain":                       {"My order", "Where is it?"},
		"an answer, Outlook":          {"RE: My order", "Here.\n\n" + header},
		"an answer, underlined":       {"AW: My order", "Here.\n\n________________________________\n" + header},
		"an answer, original message": {"RE: My order", "Here.\n\n-----Original Message-----\n" + header},
		"no subject, a header":        {"", "Here.\n\n" + header},
		"an answer to a forward":      {"Re: Fwd: My order", "Thanks.\n\nOn 2 Nov 2026, Bob <bob@desk.test> wrote:\n> ---------- Forwarded message ---------\n> " + strings.ReplaceAll(header, "\n", "\n> ")},
		"an answer above a forward":   {"RE: FW: My order", "Thanks.\n\nFrom: Bob <bob@desk.test>\nSent: Monday\nTo: Ana\nSubject: FW: My order\n\nSee below.\n\n---------- Forwarded message ---------\n" + header},
		"a quoted forward":            {"Re: Fwd: My order", "Thanks.\n\n> Begin forwarded message:\n> " + strings.ReplaceAll(header, "\n", "\n> ")},
		"words about forwarding":      {"Fwd: My order", "I forwarded your message:\nno answer yet."},
		"a mark, no header":           {"Hello", "---------- Forwarded message ---------\nhello"},
		"Finnish answer":              {"VS: Tilaus", "Tässä.\n\nLähettäjä: Ana <ana@customer.test>\nLähetetty: maanantai\nVastaanottaja: Bob\nAihe: Tilaus\n\nMissä?"},
		"a label and nothing else":    {"Fwd: My order", "From: Berlin it takes two days."},
		"empty":                       {"Fwd: My order", ""},
	}
	for name, tc := range cases {
		if f := ReadForward(tc[0], tc[1]); f != nil {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func TestForwardOddities(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ subject, text, want string }{
		"introduced":       {"Fwd: My order", "See below.\n\nOn 2 Nov 2026, at 10:00, Ana Q. <ana@customer.test> wrote:\n\n> Where is it?", "Ana Q. ana@customer.test||Where is it?"},
		"mutt":             {"Fwd", "----- Forwarded message from \"Ana Q.\" <ana@customer.test> -----\n\nDate: Mon\nFrom: \"Ana Q.\" <ana@customer.test>\nSubject: S\n\nWhere?", "Ana Q. ana@customer.test|S|Where?"},
		"only in the mark": {"x", "----- Forwarded message from Ana <ana@customer.test> -----\n\nWhere?", "Ana ana@customer.test||Where?"},
		"no address":       {"Fwd: x", "________________\nFrom: Ana Q.\nSent: Monday\nTo: Bob\nSubject: S\n\nWhere?", "Ana Q. |S|Where?"},
		"on behalf":        {"FW: x", "From: list@lists.test [mailto:list@lists.test] On Behalf Of Ana\nSent: Mon\nTo: x\nSubject: S\n\nWhere?", " list@lists.test|S|Where?"},
		"comma in a name":  {"FW: x", "From: Doe, Ana <ana@customer.test>\nSent: Mon\nTo: Doe, Bob <bob@desk.test>\nSubject: S\n\nWhere?", "Doe, Ana ana@customer.test|S|Where?"},
		"value below":      {"FW: x", "---------- Forwarded message ---------\nFrom:\nAna <ana@customer.test>\nDate: Mon\nSubject: S\n\nWhere?", "Ana ana@customer.test|S|Where?"},
		"twice":            {"Fwd: x", "---------- Forwarded message ---------\nFrom: Bob <bob@desk.test>\nDate: Mon\nSubject: Fwd: S\n\nSee.\n\n---------- Forwarded message ---------\nFrom: Ana <ana@customer.test>\nDate: Mon\nSubject: S\n\nWhere?", "Bob bob@desk.test|Fwd: S|See.\n\n---------- Forwarded message ---------\nFrom: Ana <ana@customer.test>\nDate: Mon\nSubject: S\n\nWhere?"},
		"tag":              {"[Shop] Fwd: x", "From: Ana <ana@customer.test>\nSent: Mon\nTo: x\nSubject: S\n\nWhere?", "Ana ana@customer.test|S|Where?"},
		"body with labels": {"Fwd: x", "---------- Forwarded message ---------\nFrom: Ana <ana@customer.test>\nDate: Mon\nSubject: S\nTo: x@y.test\n\nFrom: Berlin\nTo: Madrid", "Ana ana@customer.test|S|From: Berlin\nTo: Madrid"},
	}
	for name, tc := range cases {
		f := ReadForward(tc.subject, tc.text)
		if f == nil {
			t.Errorf("%s: not found", name)
			continue
		}
		if got := f.From.Name + " " + f.From.Address + "|" + f.Subject + "|" + f.Text; got != tc.want {
			t.Errorf("%s:\n got %q\nwant %q", name, got, tc.want)
		}
	}
}
