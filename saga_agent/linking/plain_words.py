"""Words that are no names although they may stand with a capital letter."""

from __future__ import annotations

_FUNCTION = """a about above across after again against ago ah alas albeit all almost alone along already also
although always am amid among an and another any anybody anyhow anyone anything anyway anywhere apart are around as
aside at away aye back barely be because been before behind being below beneath beside besides between beyond both
briefly but by can cannot certainly could damn despite did do does doing done down downstairs during each eight
eighth either eleven else elsewhere enough especially even eventually ever every everybody everyone everything
everywhere exactly except few fewer fifteen fifth fifty finally first five for forty forward four fourth from
further had half halfway hardly has have having he hello hence her here hers herself hey hi him himself his ho
hooray how however hullo hundred hundreds hurrah hush i if in indeed inside instead into is it its itself just last
lastly later least less lest let like likewise little lots many maybe me meantime meanwhile midway might mine more
moreover most mostly much must my myself naturally nay near nearby nearer nearly neither never nevertheless next
nine ninth no nobody none nonetheless nor not nothing now nowhere o obviously of off often oh ok okay old on once
one ones only onto or other others otherwise ought our ours ourselves out outside over overhead own past perhaps
please plus possibly presently probably quick quite rather really right round same second seven seventh several
shall she should since six sixth sixty so some somebody somehow someone something sometimes somewhere soon still
straight such suddenly sure ten tenth than thank thanks that the their theirs them themselves then thence there
thereby therefore thereupon these they third thirty this those thou though thousand thousands three through
throughout thus thy till to today together tomorrow tonight too toward towards truly twas twelve twenty twice two
ugh under unless until unto up upon upstairs us usually very was we well were what whatever when whence whenever
where whereas whereupon wherever whether which whichever while who whoever whom whose why with within without won't
worse would ye yeah yes yesterday yet you your yours yourself yourselves zounds it's i'm i'll i've i'd you're
you'll you've you'd he's he'll he'd she's she'll she'd we're we'll we've we'd they're they'll they've they'd that's
that'll there's there'll what's who's who'll where's here's how's let's isn't aren't wasn't weren't don't doesn't
didn't can't couldn't wouldn't shouldn't hasn't haven't hadn't mustn't needn't ain't shan't o'clock 'tis 'twas tis"""
_OPENERS = """absolutely accordingly according admit afterward afterwards allow altogether amen angrily anything
answer apparently ask awful bah bear beautiful beg behold beware bless bother bravo bring brother call carefully
catch check cheer clearly clever close cold come comes coming confound consequently consider considering curious
curiouser curse cut damned dark dead deep dear dearest deeply depend directly doubtless drat drink drop earlier
early easy eagerly eat equally evening evidently excellent excuse extraordinary fact faith fancy far fast father
fear feel feeling fetch fiddlesticks fie fill find fine follow following fool fools forget forgive formerly
fortunately forth frankly fresh friend friends frightened full fully generally gentlemen gently get getting gently
give given gives giving glad go god goes going gone good goodbye goodness gosh got gracious gradually grant granted
great greatly guess ha hail hallo halloa halt hang happily happy hard hasten hark hate hear heard heaven heavens
heavy help high hm hold holding honest hope hoping horrible horrors hot humph hum hurry idle imagine immediately
impossible indubitably inform judging keep kill knowing know known knew ladies lady large late lately law lay lead
leaning leave leaving left lie life light likely listen listening live lo long look looked looking looks lord love
low luckily madam make making man mark mean men merely merry mind money monsieur morning mother move naw new nice
night nonsense noon notice noticing nowadays observe occasionally odd open order ordinarily original pardon part
partly pass pay people poor pooh pray precisely present pretty previously probably promise proud pshaw pull push
put queer quickly quiet quietly quit rain read ready recently remember remembering rest return returning run sadly
said sat saw say saying says scarcely seated secondly see seeing seeming seems seen send set sham she shaking short
shut sign silence silent silently similarly simple simply sing singular sir sit sitting sleep slow slowly small
smiling soft softly sorry speak speaking special stand standing start starting stay stand stop strange strangely
strictly strong stuff suppose supposing surely swear sweet take taken taking talk talking tell telling terrible
terribly that's things think thinking thirdly thought throw time tired touch true trust try turn turning tut
twenty-five ultimately undoubtedly unfortunately until useless usual wait waiting wake walk walking want warm watch
watching welcome went whereat wherefore white wicked wife will wish wishing woe woman women wonder wonderful
wondering word words work worth wow wretched write wrong yea year years yonder young"""
_EPITHETS = """old young little poor dear dearest big good great fat fair tall bold brave sweet late holy gentle
merry tiny wee ol ole mighty wicked cruel honest noble proud true pretty sly wise"""
_TIMES = """monday tuesday wednesday thursday friday saturday sunday mondays tuesdays wednesdays thursdays fridays
saturdays sundays january february march april may june july august september october november december christmas
christmastide christmastime easter eastertide lent michaelmas whitsun whitsuntide yule yuletide halloween
hallowe'en thanksgiving sabbath passover ramadan advent epiphany midsummer"""
_PEOPLES = """african africans american americans arab arabian arabs asian asiatic australian austrian austrians
belgian bohemian brazilian briton britons british bulgarian canadian caribbean catholic catholics celt celtic celts
chilean chinese christian christians christianity buddhist buddhists buddhism confederate cornish cuban czech dane
danes danish dutch dutchman dutchmen egyptian egyptians english englishman englishmen englishwoman european
europeans finnish flemish french frenchman frenchmen frenchwoman german germans gothic greek greeks gypsies gypsy
hebrew hebrews hindoo hindoos hindu hindus hungarian icelander icelandic indian indians irish irishman irishmen
islam islamic italian italians japanese jew jewish jews korean latin malay mexican mexicans mohammedan moor moorish
moors moroccan moslem moslems muslim muslims negro negroes norman normans norse norwegian norwegians oriental
orientals persian persians pole poles polish polynesian portuguese presbyterian protestant protestants prussian
prussians puritan puritans quaker quakers roman romans russian russians saxon saxons scandinavian scot scotch
scotchman scotchmen scots scottish scotsman semitic serbian slav slavic spaniard spaniards spanish swede swedes
swedish swiss tartar tartars teutonic tory tories trojan turk turkish turks ukrainian vietnamese viking vikings
welsh welshman whig whigs yankee yankees zulu georgian victorian elizabethan edwardian shakespearean biblical
baptist baptists methodist methodists calvinist jesuit jesuits lutheran mormon mormons"""
_PAPERS = """bible scripture scriptures gospel koran testament chapter book part volume act scene canto section
preface prologue epilogue introduction contents appendix figure illustration footnote note page letter p.s. ps n.b.
nb a.m. p.m. am pm b.c. a.d. bc ad ph.d m.d. m.r.c.s. f.r.s. r.s.v.p. xii tv uk dna etc vol no."""
_ADDRESSES = """mr mrs miss ms sir madam ma'am madame dr prof majesty highness excellency lordship ladyship worship
grace honour honor reverence holiness eminence esq"""
_ABSTRACT = """god gods lord devil satan deuce providence fate fates fortune nature death time love truth justice
liberty reason destiny chance mankind humanity creation almighty creator saviour savior trinity eucharist mass
church catechism communion sacrament latitude longitude opera north south east west northern southern eastern
western continental prairie prairies spring summer autumn winter morning evening night mercy heaven hell paradise
latin algebra history geography mathematics literature science philosophy religion politics art music romance
government parliament state crown press army navy academy ministry treasury empire republic union"""
_VERB_NAMES = "may will mark grant sue bill hope drew rob chase pat nick wade bless pray rose grace pierce rush"
_AFTER_VERB = """i you he she it we they the a an my your his her our their this that these those there me him us
them no not any some all such one god heaven"""
_MONTH_NAMES = "may april june august january avril"
_BEFORE_MONTH = "in last next of this early late mid since until till by during every each"

FUNCTION_WORDS = frozenset(_FUNCTION.split())
OPENERS = frozenset(_OPENERS.split()) | FUNCTION_WORDS
"""Words that often open a sentence or an outcry."""
EPITHETS = frozenset(_EPITHETS.split())
"""What may stand before a name with a capital letter and not belong to it."""
NO_ENTITY = frozenset(f"{_TIMES} {_PEOPLES} {_PAPERS} {_ADDRESSES} {_ABSTRACT}".split())
"""Capitalised everywhere, but nobody and nowhere: times, peoples, languages, abstractions, parts of books."""
PEOPLES = frozenset(_PEOPLES.split())
PAPERS = frozenset(_PAPERS.split())
VERB_NAMES = frozenset(_VERB_NAMES.split())
"""Names that open a sentence as verbs, too: "May I", "Mark my words"."""

_MONTHS = frozenset(_MONTH_NAMES.split())
AMBIGUOUS_NAMES = VERB_NAMES | _MONTHS
"""Names that are also verbs or months."""

_VERB_OBJECTS = frozenset(_AFTER_VERB.split())
_MONTH_CUES = frozenset(_BEFORE_MONTH.split())


def is_verb_use(word: str, following: str) -> bool:
    """Whether a name at the start of a sentence is rather a verb, judged by the word after it."""
    return word.lower() in VERB_NAMES and following.lower() in _VERB_OBJECTS


def is_month_use(word: str, before: str, following: str) -> bool:
    """Whether a name like "May" is rather the month, judged by the words around it."""
    if word.lower() not in _MONTHS:
        return False
    return before.lower() in _MONTH_CUES or before[:1].isdigit() or following[:1].isdigit()
