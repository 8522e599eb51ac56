"""What the offline pages share: charts, tables, words with their meaning, and the style."""
