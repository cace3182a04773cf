package history

import (
	"strings"
	"testing"
)

// introductions are the lines that mail programs put above what they quote, in the languages they speak.
var introductions = []string{
	"On Mon, Nov 2, 2026 at 10:00 AM Bea Q. <bea@desk.test> wrote:",
	"Am Mo., 2. Nov. 2026 um 10:00 Uhr schrieb Bea Q. <bea@desk.test>:",
	"Le lun. 2 nov. 2026 à 10:00, Bea Q. <bea@desk.test> a écrit :",
	"El lun, 2 nov 2026 a las 10:00, Bea Q. (<bea@desk.test>) escribió:",
	"Il giorno lun 2 nov 2026 alle ore 10:00 Bea Q. <bea@desk.test> ha scritto:",
	"Em seg., 2 de nov. de 2026 às 10:00, Bea Q. <bea@desk.test> escreveu:",
	"Bea Q. <bea@desk.test> escreveu no dia segunda, 2/11/2026 à(s) 10:00:",
	"Op ma 2 nov 2026 om 10:00 schreef Bea Q. <bea@desk.test>:",
	"Den man. 2. nov. 2026 kl. 10.00 skrev Bea Q. <bea@desk.test>:",
	"man. 2. nov. 2026 kl. 10:00 skrev Bea Q. <bea@desk.test>:",
	"Den mån 2 nov. 2026 kl 10:00 skrev Bea Q. <bea@desk.test>:",
	"ma 2. marrask. 2026 klo 10.00 Bea Q. (bea@desk.test) kirjoitti:",
	"pon., 2 lis 2026 o 10:00 Bea Q. <bea@desk.test> napisał(a):",
	"po 2. 11. 2026 v 10:00 odesílatel Bea Q. <bea@desk.test> napsal:",
	"po 2. 11. 2026 o 10:00 Bea Q. <bea@desk.test> napísal(a):",
	"Bea Q. <bea@desk.test> ezt írta (időpont: 2026. nov. 2., H, 10:00):",
	"În lun., 2 nov. 2026 la 10:00, Bea Q. <bea@desk.test> a scris:",
	"пн, 2 нояб. 2026 г. в 10:00, Bea Q. <bea@desk.test>:",
	"пн, 2 лист. 2026 р. о 10:00 Bea Q. <bea@desk.test> пише:",
	"На пн, 2.11.2026 г. в 10:00 Bea Q. <bea@desk.test> написа:",
	"Bea Q. <bea@desk.test>, 2 Kas 2026 Pzt, 10:00 tarihinde şunu yazdı:",
	"2026年11月2日(月) 10:00 Bea Q. <bea@desk.test>:",
	"Bea Q. <bea@desk.test> 于2026年11月2日周一 10:00写道：",
	"Bea Q. <bea@desk.test> 於 2026年11月2日 週一 上午10:00寫道：",
	"2026년 11월 2일 (월) 오전 10:00, Bea Q. <bea@desk.test>님이 작성:",
	"Στις Δευ 2 Νοε 2026 στις 10:00 π.μ., ο χρήστης Bea Q. <bea@desk.test> έγραψε:",
	"‫בתאריך יום ב׳, 2 בנוב׳ 2026 ב-10:00 מאת ‪Bea Q.‬‏ <‪bea@desk.test‬‏>:‬",
	"في الاثنين، 2 نوفمبر 2026 في 10:00 ص تمت كتابة ما يلي بواسطة ‪Bea Q.‬‏ <‪bea@desk.test‬‏>:‬",
	"Vào Th 2, 2 thg 11, 2026 vào lúc 10:00 Bea Q. <bea@desk.test> đã viết:",
	"ในวันที่ จ. 2 พ.ย. 2026 เวลา 10:00 Bea Q. <bea@desk.test> เขียนว่า:",
	"Pada tanggal Sen, 2 Nov 2026 pukul 10.00 Bea Q. <bea@desk.test> menulis:",
	"Bea Q. <bea@desk.test> kirjutas kuupäeval E, 2. november 2026 kell 10:00:",
	"2026-11-02, pr, 10:00 Bea Q. <bea@desk.test> rašė:",
	"pirmd., 2026. g. 2. nov., plkst. 10:00 — lietotājs Bea Q. (<bea@desk.test>) rakstīja:",
	"pon, 2. stu 2026. u 10:00 Bea Q. <bea@desk.test> napisao je:",
	"пон, 2. нов 2026. у 10:00 Bea Q. <bea@desk.test> је написао/ла:",
	"V V pon., 2. nov. 2026 ob 10:00 je oseba Bea Q. <bea@desk.test> napisala:",
	"Missatge de Bea Q. <bea@desk.test> del dia dl., 2 de nov. 2026 a les 10:00:",
	"On 02/11/2026 10:00, Bea Q. wrote:", "Am 02.11.26 um 10:00 schrieb Bea Q.:", "Le 02/11/2026 à 10:00, Bea Q. a écrit :", "Il 02/11/2026 10:00, Bea Q. ha scritto:",
	"El 02/11/2026 a las 10:00, Bea Q. escribió:", "Op 02-11-2026 om 10:00 schreef Bea Q.:", "Em 02/11/2026 10:00, Bea Q. escreveu:", "Dne 02.11.26 v 10:00 Bea Q. napsal(a):",
	"W dniu 02.11.2026 o 10:00, Bea Q. pisze:", "02.11.2026 10:00, Bea Q. пишет:", "Bea Q. kirjoitti 2.11.2026 klo 10.00:", "2026-11-02 10:00 keltezéssel, Bea Q. írta:",
	"Op 2 nov. 2026 om 10:00 heeft Bea Q. <bea@desk.test> het volgende geschreven:", "2 nov. 2026 kl. 10:00 skrev Bea Q. <bea@desk.test>:", "Den 2. nov. 2026 kl. 10.00 skrev Bea Q. <bea@desk.test>:",
	"02.11.2026, 10:00, \"Bea Q.\" <bea@desk.test>:", "Понедельник, 2 ноября 2026, 10:00 +03:00 от Bea Q. <bea@desk.test>:", "On Monday, November 2nd, 2026 at 10:00 AM, Bea Q. <bea@desk.test> wrote:",
	"---- On Mon, 02 Nov 2026 10:00:00 +0000 Bea Q. <bea@desk.test> wrote ----", "On 2 Nov 2026 at 10:00 +0100, Bea Q. <bea@desk.test>, wrote:", "On Monday, November 2, 2026 at 10:00:00 AM GMT+1, Bea Q. <bea@desk.test> wrote:",
	"Quoting Bea Q. <bea@desk.test>:", "Zitat von Bea Q. <bea@desk.test>:", "Bea Q. <bea@desk.test> writes:", "Bea Q. <bea@desk.test> hat am 02.11.2026 10:00 geschrieben:", "Bea Q. <bea@desk.test> schrieb am Mo., 2. Nov. 2026, 10:00:",
	"-----Original Message-----", "-------- Original Message --------", "-----Ursprüngliche Nachricht-----", "-----Message d'origine-----", "-----Mensaje original-----", "-----Messaggio originale-----", "-----Oorspronkelijk bericht-----",
	"-----Mensagem original-----", "-----Ursprungligt meddelande-----", "-----Oprindelig meddelelse-----", "-----Opprinnelig melding-----", "-----Alkuperäinen viesti-----", "-----Původní zpráva-----", "-----Pôvodná správa-----",
	"-----Eredeti üzenet-----", "-----Исходное сообщение-----", "-----Original-Nachricht-----", "-------- Початкове повідомлення --------", "-----Orijinal İleti-----", "-----Mesaj original-----", "-----Izvorna poruka-----",
	"-----邮件原件-----", "------------------ 原始邮件 ------------------", "-----Algne kiri-----", "-----Wiadomość oryginalna-----", "-----Oryginalna wiadomość-----",
}

func TestIntroductions(t *testing.T) {
	t.Parallel()
	for _, line := range introductions {
		forms := map[string]string{"quoted": line + "\n\n> Sure?\n> Bea", "close": line + "\n> Sure?", "bare": line + "\n\nSure?\n\nBea"}
		if words := strings.Fields(line); len(words) > 6 {
			half := len(words) * 2 / 3
			forms["wrapped"] = strings.Join(words[:half], " ") + "\n" + strings.Join(words[half:], " ") + "\n\n> Sure?"
		}
		for form, quote := range forms {
			text := "Yes, please.\n\nAna\n\n" + quote
			if got := text[:FreshBytes(text)]; got != "Yes, please.\n\nAna" {
				t.Errorf("%s, %s: %q", form, line, got)
			}
		}
	}
}

// TestNotes: what phones and web mailers add is not what was written.
func TestNotes(t *testing.T) {
	t.Parallel()
	for _, note := range []string{
		"Sent from my iPhone", "Sent from my Galaxy", "Sent from Outlook for iOS", "Get Outlook for Android", "Sent from Yahoo Mail on Android", "Sent with Proton Mail secure email.", "Sent via Superhuman",
		"Von meinem iPhone gesendet", "Gesendet von Outlook für Android", "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.", "Envoyé de mon iPhone", "Envoyé à partir de Outlook pour Android", "Télécharger Outlook pour iOS",
		"Enviado desde mi iPhone", "Enviado do meu iPhone", "Inviato da iPhone", "Verstuurd vanaf mijn iPhone", "Skickat från min iPhone", "Sendt fra min iPhone", "Lähetetty iPhonesta", "Wysłane z iPhone'a", "Отправлено с iPhone",
		"Надіслано з iPhone", "Odesláno z iPhonu", "Odoslané z iPhonu", "iPhone'umdan gönderildi", "iPhoneから送信", "发自我的iPhone", "從我的 iPhone 傳送", "나의 iPhone에서 보냄", "Trimis de pe iPhone", "Poslano s mog iPhonea", "Εστάλη από το iPhone μου", "Küldve az iPhone-omról",
		"Obtener Outlook para Android", "Scarica Outlook per Android", "Outlook voor Android downloaden", "Obter o Outlook para Android", "Outlook für Android herunterladen",
	} {
		text := "Yes, please.\n\n" + note
		if got := text[:FreshBytes(text)]; got != "Yes, please." {
			t.Errorf("%s: %q", note, got)
		}
	}
}

// TestNothingIsLost: what looks like history and is none stays.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"I ordered on Monday and the shop wrote:\n\nIt ships tomorrow.\n\nIt did not.",
		"Please change:\n- from: Berlin\n- to: Madrid\n\nThanks",
		"Two things:\n\n1. It is late\n2. It is broken\n\nOn Monday I will call again.\n\nAna",
		"The error says:\n\nFrom: the log\nError 500\n\nWhat now?",
		"Sent from my point of view it is fine. And more text follows here.\nYes.",
		"Subject: lost parcel\n\nIt is lost.",
		"He said \"wrote: yes\" and\n> this is how I quote a line\nand then I go on.",
		"--- a/file.txt\n+++ b/file.txt\n@@ -1 +1 @@\n-old\n+new\n\nDoes this patch help?",
		"| a | b |\n|---|---|\n| 1 | 2 |\n\nIs the table right?",
		"Am Montag kommt der Techniker, schrieb mir Ihre Kollegin.\nStimmt das?",
		"New entry from your site\n\nName: Ana\nFrom: ana@customer.test\nDate: 2 Nov 2026\nSubject: My order\n\nWhere is it?",
		"Kontaktformular\n\nVon: ana@customer.test\nDatum: 2.11.2026\nBetreff: Bestellung\nNachricht: Wo ist sie?",
		"Der Vorgang ist\nVon: 10 Uhr\nBis: 12 Uhr\nfür mich gut.",
	} {
		if got := text[:FreshBytes(text)]; got != text {
			t.Errorf("lost:\n%q\nkept:\n%q", text, got)
		}
	}
}
