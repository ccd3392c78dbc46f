"""How books of many languages call and count their chapters and parts: nouns, cardinals, ordinals.

Words stand as they are spelled; `/` parts alternatives, `*` stands for an ending of up to four letters, `-` for a gap.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """The words of one language."""

    code: str
    units: str
    """Nouns for a chapter."""
    parts: str
    """Nouns for what holds chapters."""
    cardinals: str = ""
    """1 to 19, in order."""
    ordinals: str = ""
    """1 to 19, in order."""
    tens: str = ""
    """20, 30, ... 90, in order, cardinals and ordinals."""
    hundreds: str = ""
    """100."""
    joins: str = ""
    """What stands between the words of one number, such as "and"."""


LANGUAGES = (
    Language(
        "en",
        "chapter chap ch adventure letter stave canto story tale episode",
        "part book volume vol act",
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
        " eighteen nineteen",
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth"
        " fifteenth sixteenth seventeenth eighteenth nineteenth",
        "twenty/twentieth thirty/thirtieth forty/fortieth/fourty fifty/fiftieth sixty/sixtieth seventy/seventieth"
        " eighty/eightieth ninety/ninetieth",
        "hundred/hundredth",
        "and",
    ),
    Language(
        "fr",
        "chapitre épisode lettre chant conte",
        "partie livre tome volume acte",
        "un/une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize - - -",
        "premier/première/unième deuxième/second/seconde troisième quatrième cinquième sixième septième huitième"
        " neuvième dixième onzième douzième treizième quatorzième quinzième seizième - - -",
        "vingt/vingts/vingtième trente/trentième quarante/quarantième cinquante/cinquantième soixante/soixantième"
        " septante/septantième octante/huitante nonante/nonantième",
        "cent/cents/centième",
        "et",
    ),
    Language(
        "de",
        "kapitel brief gesang abenteuer geschichte folge",
        "teil buch band akt aufzug",
        "ein/eins/eine zwei/zwo drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn"
        " sechzehn siebzehn achtzehn neunzehn",
        "erst* zweit* dritt* viert* fünft* sechst* siebent*/siebt* acht* neunt* zehnt* elft* zwölft* dreizehnt*"
        " vierzehnt* fünfzehnt* sechzehnt* siebzehnt* achtzehnt* neunzehnt*",
        "zwanzig/zwanzigst* dreißig/dreissig/dreißigst* vierzig/vierzigst* fünfzig/fünfzigst* sechzig/sechzigst*"
        " siebzig/siebzigst* achtzig/achtzigst* neunzig/neunzigst*",
        "hundert/hundertst*",
        "und",
    ),
    Language(
        "es",
        "capítulo carta canto jornada episodio cuento",
        "parte libro tomo volumen acto",
        "uno/un/una dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis"
        " diecisiete dieciocho diecinueve",
        "primer* segund* tercer* cuart* quint* sext* séptim*/sétim* octav* noven*/nono décim* undécim*/decimoprimer*"
        " duodécim*/decimosegund* decimotercer*/decimoterci* decimocuart* decimoquint* decimosext* decimoséptim*"
        " decimoctav* decimonoven*",
        "veinte/veinti/vigésim* treinta/trigésim* cuarenta/cuadragésim* cincuenta/quincuagésim* sesenta/sexagésim*"
        " setenta/septuagésim* ochenta/octogésim* noventa/nonagésim*",
        "cien/ciento/centésim*",
        "y",
    ),
    Language(
        "pt",
        "capítulo carta canto episódio conto",
        "parte livro tomo volume acto/ato",
        "um/uma dois/duas três quatro cinco seis sete oito nove dez onze doze treze catorze/quatorze quinze"
        " dezesseis/dezasseis dezessete/dezassete dezoito dezenove/dezanove",
        "primeir* segund* terceir* quart* quint* sext* sétim* oitav* non* décim* - - - - - - - - -",
        "vinte/vigésim* trinta/trigésim* quarenta/quadragésim* cinquenta/quinquagésim* sessenta/sexagésim*"
        " setenta/septuagésim* oitenta/octogésim* noventa/nonagésim*",
        "cem/cento/centésim*",
        "e",
    ),
    Language(
        "it",
        "capitolo lettera canto episodio racconto novella",
        "parte libro tomo volume atto",
        "un/uno/una due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici"
        " diciassette diciotto diciannove",
        "prim*/unesim* second*/duesim* terz*/treesim* quart*/quattresim* quint*/cinquesim* sest*/seiesim*"
        " settim*/settesim* ottav*/ottesim* non*/novesim* decim* undicesim*/undecim*"
        " dodicesim*/duodecim* tredicesim* quattordicesim* quindicesim* sedicesim* diciassettesim* diciottesim*"
        " diciannovesim*",
        "venti/vent/ventesim* trenta/trent/trentesim* quaranta/quarant/quarantesim* cinquanta/cinquant/cinquantesim*"
        " sessanta/sessant/sessantesim* settanta/settant/settantesim* ottanta/ottant/ottantesim*"
        " novanta/novant/novantesim*",
        "cento/centesim*",
        "e",
    ),
    Language(
        "nl",
        "hoofdstuk brief verhaal",
        "deel boek band bedrijf",
        "een/één twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien zeventien"
        " achttien negentien",
        "eerste tweede derde vierde vijfde zesde zevende achtste negende tiende elfde twaalfde dertiende veertiende"
        " vijftiende zestiende zeventiende achttiende negentiende",
        "twintig/twintigste dertig/dertigste veertig/veertigste vijftig/vijftigste zestig/zestigste"
        " zeventig/zeventigste tachtig/tachtigste negentig/negentigste",
        "honderd/honderdste",
        "en ën",
    ),
    Language(
        "sv",
        "kapitel kapitlet brev",
        "del delen bok boken akt",
        "ett/en två tre fyra fem sex sju åtta nio tio elva tolv tretton fjorton femton sexton sjutton arton nitton",
        "första/förste andra/andre tredje fjärde femte sjätte sjunde åttonde nionde tionde elfte tolfte trettonde"
        " fjortonde femtonde sextonde sjuttonde artonde nittonde",
        "tjugo/tjugonde trettio/trettionde fyrtio/fyrtionde femtio/femtionde sextio/sextionde sjuttio/sjuttionde"
        " åttio/åttionde nittio/nittionde",
        "hundra/hundrade",
        "och",
    ),
    Language(
        "da",
        "kapitel kapittel brev",
        "del bog bok bind akt",
        "en/et/ett/ein to tre fire fem seks syv/sju otte/åtte ni ti elleve/ellve tolv tretten fjorten femten"
        " seksten sytten/søtten atten nitten",
        "første anden/andet/annet/andre tredje fjerde femte sjette syvende/sjuende ottende/åttende niende tiende"
        " ellevte/elvte tolvte trettende fjortende femtende sekstende syttende attende nittende",
        "tyve/tjue/tyvende/tjuende tredive/tretti/tredivte/trettiende fyrre/førti/fyrretyvende/førtiende"
        " halvtreds/femti/halvtredsindstyvende/femtiende tres/seksti/tresindstyvende/sekstiende"
        " halvfjerds/sytti/halvfjerdsindstyvende/syttiende firs/åtti/firsindstyvende/åttiende"
        " halvfems/nitti/halvfemsindstyvende/nittiende",
        "hundrede/hundre/hundred",
        "og",
    ),
    Language(
        "fi",
        "luku kappale kirje tarina",
        "osa kirja näytös",
        "yksi kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän kymmenen yksitoista kaksitoista kolmetoista"
        " neljätoista viisitoista kuusitoista seitsemäntoista kahdeksantoista yhdeksäntoista",
        "ensimmäinen/yhdes toinen/kahdes kolmas neljäs viides kuudes seitsemäs kahdeksas yhdeksäs kymmenes yhdestoista"
        " kahdestoista kolmastoista neljästoista viidestoista kuudestoista seitsemästoista kahdeksastoista"
        " yhdeksästoista",
        "kaksikymmentä/kahdeskymmenes kolmekymmentä/kolmaskymmenes neljäkymmentä/neljäskymmenes"
        " viisikymmentä/viideskymmenes kuusikymmentä/kuudeskymmenes seitsemänkymmentä/seitsemäskymmenes"
        " kahdeksankymmentä/kahdeksaskymmenes yhdeksänkymmentä/yhdeksäskymmenes",
        "sata/sadas",
        "",
    ),
    Language(
        "pl",
        "rozdział opowieść pieśń",
        "część księga tom akt",
        "jeden dwa trzy cztery pięć sześć siedem osiem dziewięć dziesięć jedenaście dwanaście trzynaście czternaście"
        " piętnaście szesnaście siedemnaście osiemnaście dziewiętnaście",
        "pierwsz* drug* trzec* czwart* piąt* szóst* siódm* ósm* dziewiąt* dziesiąt* jedenast* dwunast* trzynast*"
        " czternast* piętnast* szesnast* siedemnast* osiemnast* dziewiętnast*",
        "dwadzieścia/dwudziest* trzydzieści/trzydziest* czterdzieści/czterdziest* pięćdziesiąt*"
        " sześćdziesiąt* siedemdziesiąt* osiemdziesiąt* dziewięćdziesiąt*",
        "sto/setn*",
        "i",
    ),
    Language(
        "cs",
        "kapitola hlava příběh dopis",
        "část díl kniha svazek dějství diel časť zväzok",
        "jedna/jeden/jedno dvě/dva/dve tři/tri čtyři/štyri pět/päť šest/šesť sedm/sedem osm/osem devět/deväť"
        " deset/desať jedenáct/jedenásť dvanáct/dvanásť třináct/trinásť čtrnáct/štrnásť patnáct/pätnásť"
        " šestnáct/šestnásť sedmnáct/sedemnásť osmnáct/osemnásť devatenáct/devätnásť",
        "prvn*/prv* druh* třet*/tret* čtvrt*/štvrt* pát*/piat* šest* sedm*/siedm* osm*/ôsm* devát*/deviat*"
        " desát*/desiat* jedenáct*/jedenást* dvanáct*/dvanást* třináct*/trinást* čtrnáct*/štrnást* patnáct*/pätnást*"
        " šestnáct*/šestnást* sedmnáct*/sedemnást* osmnáct*/osemnást* devatenáct*/devätnást*",
        "dvacet/dvacát*/dvadsať/dvadsiat* třicet/třicát*/tridsať/tridsiat* čtyřicet/čtyřicát*/štyridsať/štyridsiat*"
        " padesát*/päťdesiat* šedesát*/šesťdesiat* sedmdesát*/sedemdesiat* osmdesát*/osemdesiat*"
        " devadesát*/deväťdesiat*",
        "sto/stá/stý/st*",
        "a",
    ),
    Language(
        "hu",
        "fejezet levél ének történet",
        "rész könyv kötet felvonás",
        "egy kettő/két három négy öt hat hét nyolc kilenc tíz tizenegy tizenkettő tizenhárom tizennégy tizenöt"
        " tizenhat tizenhét tizennyolc tizenkilenc",
        "első/egyedik második/kettedik harmadik negyedik ötödik hatodik hetedik nyolcadik kilencedik tizedik"
        " tizenegyedik tizenkettedik tizenharmadik tizennegyedik tizenötödik tizenhatodik tizenhetedik"
        " tizennyolcadik tizenkilencedik",
        "húsz/huszon/huszadik harminc/harmincadik negyven/negyvenedik ötven/ötvenedik hatvan/hatvanadik"
        " hetven/hetvenedik nyolcvan/nyolcvanadik kilencven/kilencvenedik",
        "száz/századik",
        "",
    ),
    Language(
        "ro",
        "capitolul capitol scrisoarea",
        "partea parte cartea volumul actul",
        "unu/una doi/două trei patru cinci șase/sase șapte/sapte opt nouă zece unsprezece doisprezece/douăsprezece"
        " treisprezece paisprezece cincisprezece șaisprezece șaptesprezece optsprezece nouăsprezece",
        "întâi/prima/primul/dintâi doilea/doua treilea/treia patrulea/patra cincilea/cincea șaselea/șasea"
        " șaptelea/șaptea optulea/opta nouălea/noua zecelea/zecea unsprezecelea/unsprezecea"
        " doisprezecelea/douăsprezecea treisprezecelea/treisprezecea paisprezecelea/paisprezecea"
        " cincisprezecelea/cincisprezecea șaisprezecelea/șaisprezecea șaptesprezecelea/șaptesprezecea"
        " optsprezecelea/optsprezecea nouăsprezecelea/nouăsprezecea",
        "douăzeci/douăzecilea/douăzecea treizeci/treizecilea/treizecea patruzeci/patruzecilea cincizeci/cincizecilea"
        " șaizeci/șaizecilea șaptezeci/șaptezecilea optzeci/optzecilea nouăzeci/nouăzecilea",
        "sută/sutălea",
        "și",
    ),
    Language(
        "ru",
        "глава рассказ письмо песнь эпизод",
        "часть книга том акт действие",
        "один/одна/одно два/две три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать"
        " четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать",
        "перв* втор* трет* четверт* пят* шест* седьм* восьм* девят* десят* одиннадцат* двенадцат* тринадцат*"
        " четырнадцат* пятнадцат* шестнадцат* семнадцат* восемнадцат* девятнадцат*",
        "двадцать/двадцат* тридцать/тридцат* сорок/сороков* пятьдесят/пятидесят* шестьдесят/шестидесят*"
        " семьдесят/семидесят* восемьдесят/восьмидесят* девяносто/девяност*",
        "сто/сот*",
        "и",
    ),
    Language(
        "uk",
        "розділ глава оповідання лист",
        "частина книга том дія",
        "один/одна/одне два/дві три чотири п'ять/п’ять/пять шість сім вісім дев'ять/дев’ять десять одинадцять"
        " дванадцять тринадцять чотирнадцять п'ятнадцять/п’ятнадцять шістнадцять сімнадцять вісімнадцять"
        " дев'ятнадцять/дев’ятнадцять",
        "перш* друг* трет* четверт* п'ят*/п’ят* шост* сьом* восьм* дев'ят*/дев’ят* десят* одинадцят* дванадцят*"
        " тринадцят* чотирнадцят* п'ятнадцят*/п’ятнадцят* шістнадцят* сімнадцят* вісімнадцят*"
        " дев'ятнадцят*/дев’ятнадцят*",
        "двадцять/двадцят* тридцять/тридцят* сорок/сороков* п'ятдесят*/п’ятдесят* шістдесят* сімдесят* вісімдесят*"
        " дев'яносто/дев’яносто/дев'яност*/дев’яност*",
        "сто/сот*",
        "і та",
    ),
    Language(
        "bg",
        "глава писмо разказ",
        "част книга том действие",
        "едно/един/една две/два три четири пет шест седем осем девет десет единадесет/единайсет дванадесет/дванайсет"
        " тринадесет/тринайсет четиринадесет/четиринайсет петнадесет/петнайсет шестнадесет/шестнайсет"
        " седемнадесет/седемнайсет осемнадесет/осемнайсет деветнадесет/деветнайсет",
        "първ* втор* трет* четвърт* пет* шест* седм* осм* девет* десет* единадесет*/единайсет* дванадесет*/дванайсет*"
        " тринадесет*/тринайсет* четиринадесет* петнадесет* шестнадесет* седемнадесет* осемнадесет* деветнадесет*",
        "двадесет*/двайсет* тридесет*/трийсет* четиридесет* петдесет* шестдесет* седемдесет* осемдесет* деветдесет*",
        "сто/стот*",
        "и",
    ),
    Language(
        "sr",
        "глава поглавље poglavlje glava poglavje прича priča",
        "део књига том deo dio knjiga tom čin",
        "један/jedan/jedno/ena/ein два/dva/dve/две три/tri четири/četiri/štiri пет/pet шест/šest седам/sedam/sedem"
        " осам/osam/osem девет/devet десет/deset једанаест/jedanaest/enajst дванаест/dvanaest/dvanajst"
        " тринаест/trinaest/trinajst четрнаест/četrnaest/štirinajst петнаест/petnaest/petnajst"
        " шеснаест/šesnaest/šestnajst седамнаест/sedamnaest/sedemnajst осамнаест/osamnaest/osemnajst"
        " деветнаест/devetnaest/devetnajst",
        "прв*/prv* друг*/drug* трећ*/treć*/tretj* четврт*/četvrt*/četrt* пет*/pet* шест*/šest* седм*/sedm* осм*/osm*"
        " девет*/devet* десет*/deset* једанаест*/jedanaest*/enajst* дванаест*/dvanaest*/dvanajst*"
        " тринаест*/trinaest*/trinajst* четрнаест*/četrnaest*/štirinajst* петнаест*/petnaest*/petnajst*"
        " шеснаест*/šesnaest*/šestnajst* седамнаест*/sedamnaest*/sedemnajst* осамнаест*/osamnaest*/osemnajst*"
        " деветнаест*/devetnaest*/devetnajst*",
        "двадесет*/dvadeset* тридесет*/trideset* четрдесет*/četrdeset*/štirideset* педесет*/pedeset*/petdeset*"
        " шездесет*/šezdeset* седамдесет*/sedamdeset* осамдесет*/osamdeset* деведесет*/devedeset*",
        "сто/sto/стот*/stot*",
        "и i",
    ),
    Language(
        "el",
        "κεφάλαιο επιστολή ιστορία ραψωδία",
        "μέρος βιβλίο τόμος πράξη",
        "ένα δύο τρία τέσσερα πέντε έξι επτά/εφτά οκτώ/οχτώ εννέα/εννιά δέκα έντεκα δώδεκα δεκατρία δεκατέσσερα"
        " δεκαπέντε δεκαέξι/δεκάξι δεκαεπτά/δεκαεφτά δεκαοκτώ/δεκαοχτώ δεκαεννέα/δεκαεννιά",
        "πρώτ* δεύτερ* τρίτ* τέταρτ* πέμπτ* έκτ* έβδομ* όγδο* ένατ* δέκατ* ενδέκατ*/εντέκατ* δωδέκατ* - - - - - - -",
        "είκοσι/εικοστ* τριάντα/τριακοστ* σαράντα/τεσσαρακοστ* πενήντα/πεντηκοστ* εξήντα/εξηκοστ*"
        " εβδομήντα/εβδομηκοστ* ογδόντα/ογδοηκοστ* ενενήντα/ενενηκοστ*",
        "εκατό/εκατοστ*",
        "και",
    ),
    Language(
        "tr",
        "bölüm mektup hikâye",
        "kısım kitap cilt perde",
        "bir iki üç dört beş altı yedi sekiz dokuz on - - - - - - - - -",
        "birinci/ilk ikinci üçüncü dördüncü beşinci altıncı yedinci sekizinci dokuzuncu onuncu - - - - - - - - -",
        "yirmi/yirminci otuz/otuzuncu kırk/kırkıncı elli/ellinci altmış/altmışıncı yetmiş/yetmişinci"
        " seksen/sekseninci doksan/doksanıncı",
        "yüz/yüzüncü",
        "",
    ),
    Language(
        "ca",
        "capítol carta cant",
        "part llibre volum acte",
        "u/un/una dos/dues tres quatre cinc sis set vuit nou deu onze dotze tretze catorze quinze setze disset divuit"
        " dinou",
        "primer* segon* tercer* quart* cinquè* sisè* setè* vuitè* novè* desè* onzè* dotzè* tretzè* catorzè* quinzè*"
        " setzè* dissetè* divuitè* dinovè*",
        "vint/vintè* trenta quaranta cinquanta seixanta setanta vuitanta noranta",
        "cent",
        "i",
    ),
    Language(
        "id",
        "bab episode cerita surat",
        "bagian buku jilid babak",
        "satu dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas - - - - - - - -",
        "pertama kedua ketiga keempat kelima keenam ketujuh kedelapan kesembilan kesepuluh kesebelas - - - - - - - -",
        "- - - - - - - -",
        "seratus",
        "",
    ),
    Language(
        "vi",
        "chương hồi",
        "phần quyển tập",
        "một hai ba bốn năm sáu bảy tám chín mười - - - - - - - - -",
        "nhất nhì - tư - - - - - - - - - - - - - - -",
        "- - - - - - - -",
        "",
        "thứ",
    ),
    Language(
        "et",
        "peatükk",
        "osa raamat",
        "üks kaks kolm neli viis kuus seitse kaheksa üheksa kümme - - - - - - - - -",
        "esimene teine kolmas neljas viies kuues seitsmes kaheksas üheksas kümnes - - - - - - - - -",
    ),
    Language(
        "lt",
        "skyrius",
        "dalis knyga",
        ordinals="pirm* antr* treč* ketvirt* penkt* šešt* septint* aštunt* devint*"
        " dešimt* vienuolikt* dvylikt* - - - - - - -",
    ),
    Language(
        "lv",
        "nodaļa",
        "daļa grāmata",
        ordinals="pirm* otr* treš* ceturt* piekt* sest* septīt* astot* devīt*"
        " desmit* vienpadsmit* divpadsmit* - - - - - - -",
    ),
    Language(
        "ar",
        "الفصل فصل الباب باب",
        "الجزء جزء القسم الكتاب",
        "واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة عشرة - - - - - - - - -",
        "الأول/الاول/الأولى الثاني/الثانية الثالث/الثالثة الرابع/الرابعة الخامس/الخامسة السادس/السادسة السابع/السابعة"
        " الثامن/الثامنة التاسع/التاسعة العاشر/العاشرة - - - - - - - - -",
        "العشرون الثلاثون الأربعون الخمسون الستون السبعون الثمانون التسعون",
        "المائة/المئة",
        "و",
    ),
    Language(
        "fa",
        "فصل",
        "بخش کتاب جلد",
        "یک دو سه چهار پنج شش هفت هشت نه ده یازده دوازده سیزده چهارده پانزده شانزده هفده هجده نوزده",
        "اول/یکم دوم سوم چهارم پنجم ششم هفتم هشتم نهم دهم یازدهم دوازدهم سیزدهم چهاردهم پانزدهم شانزدهم هفدهم هجدهم"
        " نوزدهم",
        "بیست/بیستم سی چهل پنجاه شصت هفتاد هشتاد نود",
        "صد/صدم",
        "و",
    ),
    Language(
        "he",
        "פרק",
        "חלק ספר כרך",
        "אחת/אחד שתיים/שניים שלוש/שלושה ארבע/ארבעה חמש/חמישה שש/שישה שבע/שבעה שמונה תשע/תשעה עשר/עשרה"
        " - - - - - - - - -",
        "ראשון/ראשונה/הראשון שני/שנייה/השני שלישי/השלישי רביעי/הרביעי חמישי/החמישי שישי/השישי שביעי/השביעי"
        " שמיני/השמיני תשיעי/התשיעי עשירי/העשירי - - - - - - - - -",
    ),
    Language(
        "hi",
        "अध्याय परिच्छेद",
        "भाग खंड खण्ड",
        "एक दो तीन चार पाँच/पांच छह/छः सात आठ नौ दस ग्यारह बारह तेरह चौदह पंद्रह/पन्द्रह सोलह सत्रह अठारह उन्नीस",
        "पहला/प्रथम दूसरा/द्वितीय तीसरा/तृतीय चौथा/चतुर्थ पाँचवाँ/पांचवां/पंचम छठा/षष्ठ सातवाँ/सप्तम आठवाँ/अष्टम नौवाँ/नवम"
        " दसवाँ/दशम - - - - - - - - -",
    ),
    Language(
        "bn",
        "অধ্যায় পরিচ্ছেদ",
        "পর্ব খণ্ড",
        "এক দুই তিন চার পাঁচ ছয় সাত আট নয় দশ - - - - - - - - -",
        "প্রথম দ্বিতীয় তৃতীয় চতুর্থ পঞ্চম ষষ্ঠ সপ্তম অষ্টম নবম দশম - - - - - - - - -",
    ),
    Language("th", "บทที่ บท ตอนที่ ตอน", "ภาคที่ ภาค เล่มที่ เล่ม", "หนึ่ง สอง สาม สี่ ห้า หก เจ็ด แปด เก้า สิบ - - - - - - - - -"),
)

HAN_UNITS = "章回节節話话集幕折讲講장화회막절"
"""What follows 第N and 제N for a chapter."""
HAN_PARTS = "卷部篇册冊巻編编권부편"
"""The same for a part."""
