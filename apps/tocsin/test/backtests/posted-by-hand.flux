import "http"
import "json"
option task = {name: "hand", every: 30m}
from(bucket: "web") |> range(start: -30m) |> filter(fn: (r) => r._measurement == "cpu" and r._field == "usage") |> last() |> filter(fn: (r) => r._value > 85.0)
    |> map(fn: (r) => ({r with sent: http.post(url: "https://alert.victorops.com/integrations/generic/20131114/alert/11111111-aaaa-key/ops",
        headers: {"Content-Type": "application/json"},
        data: json.encode(v: {message_type: "CRITICAL", entity_id: r.host, state_message: "by hand"}))}))
