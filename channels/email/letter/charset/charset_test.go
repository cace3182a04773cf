package charset

import (
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// TestUnnamed: bytes that claim nothing are read as the script they are.
func TestUnnamed(t *testing.T) {
	t.Parallel()
	cases := []struct {
		set  encoding.Encoding
		text string
	}{
		{charmap.Windows1251, "Добрый день! Когда придёт моя посылка?"},
		{charmap.Windows1251, "Доброго дня, де моє замовлення?"},
		{charmap.Windows1251, "Спасибо"},
		{charmap.KOI8R, "Здравствуйте, счёт не открывается"},
		{charmap.KOI8R, "Привет доставка"},
		{charmap.ISO8859_5, "Где мой заказ номер 4711?"},
		{charmap.CodePage866, "Где мой заказ номер 4711?"},
		{charmap.Windows1253, "Καλημέρα, πού είναι η παραγγελία μου;"},
		{charmap.Windows1255, "שלום, איפה ההזמנה שלי"},
		{simplifiedchinese.GB18030, "您好，我的订单还没有到"},
		{japanese.ShiftJIS, "注文した商品がまだ届いていません"},
		{japanese.EUCJP, "こんにちは、お元気ですか"},
		{korean.EUCKR, "안녕하세요 주문한 물건이 오지 않았습니다"},
		{charmap.Windows1252, "Où est ma commande ? J’ai payé 20 € déjà."},
		{charmap.Windows1252, "Größe, Maß und Übergröße: süß"},
		{charmap.Windows1252, "¿Dónde está mi pedido? Gracias, Íñigo"},
	}
	for _, tc := range cases {
		raw, err := tc.set.NewEncoder().String(tc.text)
		if err != nil {
			t.Fatal(tc.text, err)
		}
		for _, claimed := range []string{"", "us-ascii", "unknown-8bit", "x-nobody-knows"} {
			if got := Decode([]byte(raw), claimed); got != tc.text {
				t.Errorf("%v claimed as %q: %q, want %q", tc.set, claimed, got, tc.text)
			}
		}
	}
}

func TestLabels(t *testing.T) {
	t.Parallel()
	cases := map[string]struct{ raw, want string }{
		"UTF-8":                {"\xC3\xBC", "ü"},
		"utf-8-strict":         {"\xC3\xBC", "ü"},
		"utf8mb4":              {"\xC3\xBC", "ü"},
		`"iso-8859-1"`:         {"\xFC\x80", "ü€"},
		"iso8859-15":           {"\xA4", "€"},
		"cp-1251":              {"\xDF", "Я"},
		"3D\"windows-1252":     {"\x80", "€"},
		"utf-16":               {"\xFE\xFF\x00a", "a"},
		"utf-7":                {"+AOk-", "é"},
		"iso-2022-kr":          {"\x1b$)C\x0E>H\x0F", "안"},
		"iso-2022-jp":          {"\x1b$BF|\x1b(B", "日"},
		"iso-8859-1*en":        {"\xE9", "é"},
		"iso-8859-2, is wrong": {"\xB9", "š"},
		"latin-9":              {"caf\xC3\xA9", "café"}, // it is UTF-8
	}
	for name, tc := range cases {
		if got := Decode([]byte(tc.raw), name); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
	if got := OfHTML([]byte(`<html><META http-equiv="Content-Type" content="text/html; charset=KOI8-R">`)); got != "koi8-r" {
		t.Errorf("in HTML: %q", got)
	}
}
