package history

import "strings"

// Kinds of labels in the header of a mail as mail programs write it into a text.
const (
	labelFrom = 1 << iota
	labelDate
	labelTo
	labelSubject
	labelCc
	labelOther // known, and nothing we need
)

// labels are the words of mail programs for the fields of a header, as seen in Outlook, Thunderbird, Apple Mail, Gmail and
// Yahoo in each language. Where one word means two things in two languages, the more common one counts.
var labels = func() map[string]int {
	m := make(map[string]int)
	for kind, words := range map[int]string{
		labelFrom: "from|von|de|da|van|från|fra|od|от|від|lähettäjä|saatja|发件人|寄件者|寄件人|發件人|差出人|送信者|送信元|보낸 사람|보낸사람|발신|gönderen|kimden|feladó|küldő|de la|expeditor|absender|expéditeur|" +
			"mittente|afzender|avsändare|odesílatel|odosielateľ|nadawca|remitente|remetente|šalje|pošiljatelj|шаље|от кого|від кого|από|מאת|من|từ|dari|nuo|จาก|avsender|afsender|enviado por",
		labelDate: "sent|date|gesendet|gesendet am|datum|envoyé|envoyé le|envoyée|date d'envoi|enviado|enviada|enviado el|enviada em|enviado em|enviado a|fecha|fecha de envío|data|inviato|data invio|verzonden|" +
			"verzonden op|skickat|dato|sendt|wysłano|wysłane|data wysłania|отправлено|дата|надіслано|изпратено|lähetetty|päiväys|päivämäärä|pvm|saadetud|kuupäev|saatmise kuupäev|日期|时间|時間|发送时间|發送時間|" +
			"寄件日期|傳送日期|送信日時|日付|日時|送信日|날짜|보낸 날짜|보낸날짜|tarih|gönderildi|gönderme tarihi|gönderim tarihi|elküldve|küldve|dátum|küldés ideje|trimis|trimis la|dată|odesláno|odoslané|dátum odoslania|poslano|" +
			"poslato|ημερομηνία|στάλθηκε|תאריך|נשלח|בתאריך|التاريخ|تاريخ|ngày|đã gửi|tanggal|dikirim|išsiųsta|วันที่|ส่ง|enviat",
		labelTo: "to|an|à|a|para|aan|till|til|do|komu|кому|vastaanottaja|saaja|adressaat|kellele|收件人|收件者|宛先|받는 사람|받는사람|수신|kime|alıcı|címzett|către|catre|pre|pro|pour|destinataire|destinatario|" +
			"destinatário|empfänger|adresat|prima|za|kome|primatelj|за|до|προς|אל|إلى|đến|tới|kepada|kam|ถึง|per a|mottaker|modtager|mottagare|ontvanger|geadresseerde",
		labelCc: "cc|kopie|kopi|kopia|kopio|kopija|kópia|copie|copie à|copia|cópia|koopia|dw|копия|копія|копие|抄送|副本|참조|bilgi|másolat|másolatot kap|κοιν|κοινοποίηση|עותק|نسخة|สำเนา|kp|cc.",
		labelSubject: "subject|betreff|objet|sujet|asunto|assunto|oggetto|onderwerp|ämne|emne|temat|předmět|predmet|тема|относно|aihe|teema|主题|主題|主旨|标题|標題|件名|제목|konu|tárgy|subiect|naslov|zadeva|" +
			"θέμα|נושא|الموضوع|chủ đề|tiêu đề|perihal|subjek|tema|เรื่อง|assumpte",
		labelOther: "reply-to|reply to|antwort an|répondre à|responder a|responder para|rispondi a|antwoord aan|svar til|svara till|odpověď|odpowiedz do|bcc|importance|priority|priorität|attachments|anlagen|pièces jointes|" +
			"adjuntos|anexos|allegati|bijlagen|bilagor|sender|resent-from|organization|organisation|x-mailer|message-id|mailing list|return-path|signed by|mailed-by|wichtigkeit|yanıt adresi|ответить|válaszcím|vastausosoite|返信先",
	} {
		for w := range strings.SplitSeq(words, "|") {
			m[w] = kind
		}
	}
	return m
}()

// formLabels are what web forms call what is filled in.
var formLabels = func() map[string]bool {
	m := make(map[string]bool)
	for w := range strings.SplitSeq("message|message body|your message|nachricht|ihre nachricht|mensaje|su mensaje|mensagem|messaggio|bericht|meddelande|besked|melding|votre message|comment|comments|kommentar|commentaire|comentario|"+
		"question|enquiry|inquiry|anfrage|frage|pregunta|name|your name|full name|first name|last name|vorname|nachname|nombre|nom|prénom|nome|cognome|naam|сообщение|имя|消息|姓名|お名前|お問い合わせ内容", "|") {
		m[w] = true
	}
	return m
}()

// field reads "Label: value" as mail programs write it, stars of bold text and all. Kind is 0 when it is none.
func field(s string) (kind int, value string) {
	s = strings.TrimLeft(s, "*_> \u00A0\u200E\u200F")
	i := strings.IndexAny(s, ":：")
	if i <= 0 || i > 60 {
		return 0, ""
	}
	kind = labels[strings.ToLower(strings.Trim(s[:i], "*_ \u00A0\u200E\u200F\t"))]
	value = strings.TrimLeft(s[i:], ":：")
	return kind, strings.Trim(value, "*_ \u00A0\u200E\u200F\t")
}

// labelKind gives a bit for From, Date, To or Subject; 0 when it is none. A copy counts as a recipient.
func labelKind(s string) int {
	switch kind, _ := field(s); kind {
	case labelCc:
		return labelTo
	case labelOther:
		return 0
	default:
		return kind
	}
}

// forwardStems are the roots of "forwarded" in the languages of mail programs.
var forwardStems = strings.Split("forward|fwd message|weitergeleit|weiterleit|transfér|transfer|réexp|reexp|reenvi|renvoy|inoltrat|doorgest|doorgezonden|encaminhad|reencaminhad|videresend|viderebefordr|"+
	"vidarebefordr|vidaresänd|välitet|edelleenläh|przekaz|przesłan|przesył|přepos|předan|preposla|továbbít|redirecț|redirecţ|redirect|retrimis|înaintat|transmis|proslije|prosleđen|preusmjer|posredovan|"+
	"пересыл|пересла|переадрес|перенаправ|пересил|переправ|препрат|препращ|iletil|iletim|yönlendir|edastat|転送|转发|轉寄|轉發|转寄|전달|προωθ|הועבר|מועבר|إعادة توجيه|معاد توجيه|محول|chuyển tiếp|"+
	"diteruskan|persiųst|pārsūt|ส่งต่อ|reenviat", "|")

// messageWords are the roots of "message" or "letter" in them.
var messageWords = strings.Split("message|mail|nachricht|mensaje|messaggio|bericht|mensagem|melding|meddel|besked|brev|viesti|wiadomo|zpráv|správ|levél|üzenet|mesaj|poruk|sporočil|сообщен|письм|лист|повідомлен|повідомленн|"+
	"писмо|съобщение|ileti|posta|kiri|sõnum|kirja|メッセージ|メール|邮件|郵件|原件|信件|메시지|메일|μήνυμα|הודעה|رسالة|thư|pesan|laišk|vēstul|ข้อความ|missatge|courriel|correo|e-post|dopis", "|")

// originalStems are the roots of "original" in them.
var originalStems = strings.Split("original|origin|ursprüng|ursprung|oprindelig|opprinnelig|oorspronkelijk|oryginaln|původn|pôvodn|исходн|оригинал|початков|вихідн|eredeti|alkuper|orijinal|orjinal|izvorn|algne|izvirn|原|元の|元|원본|αρχικ|מקורי|الأصلية|gốc|asli|originál", "|")

// noFrame are words that open or close such a line in Apple's programs where it has neither frame nor colon.
var noFrame = strings.Split("begin |anfang |début |inicio |início |inizio |start |påbörja |początek |rozpoczęcie |začátek |začiatok |kezdete|începutul |początku|početak |начало |початок |başlangıc|alkaa|algus|αρχή |开始|開始", "|")

func hasAny(s string, stems []string) bool {
	for _, w := range stems {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// marksOriginal: "-----Original Message-----" in any language.
func marksOriginal(s string) bool {
	const most = 100
	if len(s) > most || len(s) < 8 {
		return false
	}
	core := strings.Trim(s, "-_=*#>~—– .\u00A0")
	if core == "" || len(strings.Fields(core)) > 5 {
		return false
	}
	front, back, _ := strings.Cut(s, core)
	if len(strings.TrimSpace(front)) < 2 || len(strings.TrimSpace(back)) < 2 {
		return false
	}
	low := strings.ToLower(core)
	return hasAny(low, originalStems) && hasAny(low, messageWords)
}

// marksForward: a line that says "what follows was forwarded", framed by dashes or closed by a colon.
func marksForward(s string) bool {
	const most = 160
	if len(s) > most || len(s) < 6 {
		return false
	}
	closed := strings.HasSuffix(s, ":") || strings.HasSuffix(s, "：")
	if !closed && strings.IndexByte("-_=*#~\xE2", s[0]) < 0 && len(s) > 80 { // most lines are prose
		return false
	}
	core := strings.Trim(s, "-_=*#>~—–|+ .:：\u00A0")
	if len(core) < 4 {
		return false
	}
	low := strings.ToLower(core)
	if !hasAny(low, forwardStems) {
		return false
	}
	frame := s[:strings.Index(s, core)]
	framed := strings.Count(frame, "-")+strings.Count(frame, "_")+strings.Count(frame, "=")+strings.Count(frame, "*")+strings.Count(frame, "#")+strings.Count(frame, "~") >= 2 || strings.ContainsAny(frame, "—–")
	if framed {
		return true
	}
	words := len(strings.Fields(core))
	switch {
	case words > 7 || strings.Contains(core, "@"):
		return false
	case closed:
		return hasAny(low, messageWords)
	}
	return hasAny(low, noFrame) && hasAny(low, messageWords)
}

// forwardPrefixes are what mail programs put before the subject of what is forwarded, folded to small letters.
var forwardPrefixes = func() map[string]bool {
	m := make(map[string]bool)
	for w := range strings.SplitSeq("fwd|fw|forward|forwarded|wg|weitergeleitet|tr|transf|trans|rv|reenv|reenviado|reenviada|enc|encaminhado|encaminhada|env|res-enc|vs|vb|vl|vbs|i|inoltro|inoltra|inoltrato|pd|przek|"+
		"przekaż|przekazano|doorst|doorgestuurd|ilt|i̇lt|iletildi|ilet|tov|továbbítás|továbbítva|továbbított|proslijeđeno|proslijedi|proslj|prosl|prosleđeno|pren|přeposláno|přepos|přeposlat|předáno|preposlané|preposl|"+
		"edasi|edastatud|redirecționat|redirectionat|retrimis|înaintat|пересл|переслано|пересл|пер|перенаправлено|переадресовано|переадр|на|転送|转发|轉寄|轉發|转寄|转|轉|전달|πρθ|προωθ|הועבר|إعادة توجيه|"+
		"fvd|videresendt|videres|redir|prosljeđivanje|edastus|vidarebefordrat|välitetty|välitys|ct|fwdj|f", "|") {
		m[w] = true
	}
	return m
}()

var replyPrefixes = func() map[string]bool {
	m := make(map[string]bool)
	for w := range strings.SplitSeq("re|aw|antw|antwort|sv|ré|réf|réponse|rif|r|res|resp|odp|ynt|vá|ans|回复|答复|回覆|返信|답장|ответ|отв|відп|vast|atb|odpoveď|odg|απ|σχετ|השב|رد|bls|ref", "|") {
		m[w] = true
	}
	return m
}()

// subjectKind says what the first prefix of a subject claims.
func subjectKind(subject string) (forward, reply bool, prefix string) {
	s := strings.TrimSpace(subject)
	for range 3 { // "[tag] Fwd: …"
		if !strings.HasPrefix(s, "[") {
			break
		}
		_, after, ok := strings.Cut(s, "]")
		if !ok {
			break
		}
		s = strings.TrimSpace(after)
	}
	i := strings.IndexAny(s, ":：")
	if i <= 0 || i > 40 {
		return false, false, ""
	}
	prefix = strings.ToLower(strings.TrimSpace(s[:i]))
	if open := strings.IndexAny(prefix, "[(^"); open > 0 { // Re[2]
		prefix = strings.TrimSpace(prefix[:open])
	}
	prefix = strings.Trim(prefix, ". 0123456789")
	const written = 5 // letters: the word itself, in whatever form
	forward = forwardPrefixes[prefix] || len(prefix) >= written && hasAny(prefix, forwardStems)
	return forward, !forward && replyPrefixes[prefix], prefix
}
