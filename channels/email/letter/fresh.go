package letter

func freshBytes(text string) int { return 0 }
