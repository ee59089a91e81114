package reports

import "time"

// shares divides the time of a run among its rules, so that the times of the test cases add up to about the run and a list
// of the slowest tests names the exchanges that were slow. An exchange belongs in equal parts to the rules that were judged
// on it; one on which none was judged, to all rules of its play. Waits between polls belong to nobody: they are the
// client's. Plays overlap, so the parts are scaled down if together they are longer than the run.
func (r *Report) shares() map[string]Duration {
	judged := r.judgedOn()
	ofPlay := map[string][]string{}
	for _, res := range r.where(func(res Result) bool { return res.Play != "" }) {
		ofPlay[res.Play] = append(ofPlay[res.Play], res.ID)
	}
	seconds := map[string]float64{}
	total := 0.0
	for i := range r.Plays {
		for j := range r.Plays[i].Steps {
			step := &r.Plays[i].Steps[j]
			var ids []string
			for _, res := range judged[step] {
				ids = append(ids, res.ID)
			}
			if len(ids) == 0 {
				ids = ofPlay[r.Plays[i].Name]
			}
			took := time.Duration(step.Took).Seconds()
			for _, id := range ids {
				seconds[id] += took / float64(len(ids))
				total += took / float64(len(ids))
			}
		}
	}
	scale := 1.0
	if run := time.Duration(r.Took).Seconds(); run > 0 && total > run {
		scale = run / total
	}
	shares := make(map[string]Duration, len(seconds))
	for id, s := range seconds {
		shares[id] = Duration(s * scale * float64(time.Second))
	}
	return shares
}
