"""What may not be said or shown: the lexicon and the machine's checks of names, pictures, links and prices.

Promises: a check is a pure function of its input and of the lexicon's version; every finding names its rule, the
place, and the words shown to the merchant in both languages. Words: lexicon 词库, class 词类,
finding 命中, rule 规则.
"""
