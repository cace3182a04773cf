//go:build integration

package bench

import "testing"

func TestEmail(t *testing.T) {
	got := figures(t, "email", Options{For: short, Mails: 60})
	if got["threads_split_in_two"].Value != 0 {
		t.Errorf("%+v", got["threads_split_in_two"])
	}
	delete(got, "threads_split_in_two")
	need(t, got, "=backlog_to_durable_mails_per_second_vs_bare_fetch", "=backlog_to_durable_mails_per_second_vs_fetch_and_parse",
		"backlog_to_assigned_mails_per_second", "=cpu_per_1000_mails_vs_bare_fetch", "=cpu_per_1000_mails_vs_fetch_and_parse",
		"own_memory_while_taking_in", "delivered_to_screen_p50", "delivered_to_screen_p95")
}
