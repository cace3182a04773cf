//go:build integration

package bench

import "testing"

func TestMail(t *testing.T) {
	got := figures(t, "mail", Options{For: short, Mails: 60})
	if got["threads_split_in_two"].Value != 0 {
		t.Errorf("%+v", got["threads_split_in_two"])
	}
	delete(got, "threads_split_in_two")
	need(t, got, "=backlog_to_assigned_mails_per_second", "cpu_per_1000_mails")
}
