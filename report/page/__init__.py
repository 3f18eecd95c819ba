"""Tables, charts and pictures come in; the HTML text of the page goes out."""
