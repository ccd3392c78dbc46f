"""Common given names: the gender they tell, and their short forms."""

from __future__ import annotations

from collections import defaultdict

from saga_agent.linking.titles import Gender

_FEMALE = """abby abigail ada adela adelaide adele agatha agnes alexandra alice alicia alison alma amanda amelia amy
andrea angela angelica anita ann anna annabel annabella anne annette annie antonia arabella audrey augusta aurora
barbara beatrice becky bella bernadette bernice bertha beryl bess bessie beth betsey betsy betty beulah biddy blanche
brenda bridget camilla carla carmen carol caroline carrie cassandra catharine catherine cathy cecilia cecily celia
charlotte chloe christina christine clara clarice clarissa claudia clementine constance cora cordelia cornelia
cynthia daisy daphne deborah delia diana dinah dolly dolores dora doris dorothea dorothy edith edna effie eileen
elaine eleanor elena elinor elisa elise eliza elizabeth ella ellen elsie elspeth elvira emilia emily emma erica
esmeralda esther ethel eugenia eunice eva evangeline eve evelyn fanny felicia felicity fiona flora florence frances
francesca gemma georgiana georgina geraldine gertrude gillian gladys gloria greta gretchen griselda gwen gwendolen
hannah harriet hattie helen helena henrietta hermione hester hetty hilda ida imogen irene iris isabel isabella ivy
jane janet janey janice jean jemima jennie jennifer jenny jessica jill joan joanna josephine joyce judith judy julia
juliana julie juliet justine karen kate katharine katherine kathleen kathy katie kitty laura lauren lavinia leah lena
leonora letitia letty lilian lillian lily linda lisa lizzie lizzy lois lola lottie louisa louise lucia lucille
lucinda lucretia lucy lulu lydia mabel madeleine madge maggie mamie marcia margaret margery margot maria marian
marianne marie marina marion marjorie marta martha mary matilda maud maude maureen mavis meg megan melanie
melissa mercy meredith mildred millicent minerva minnie miranda miriam moira molly mona monica muriel myra nadia
nancy naomi natalie natasha nell nellie nelly nina nora norah octavia olga olive olivia ophelia pamela patience
patricia paula pauline pearl peggy penelope philippa phoebe phyllis polly portia priscilla prudence rachel rebecca
rhoda rita roberta rosa rosalie rosalind rosamond rosemary rosie rowena roxana ruby ruth sadie sally samantha sandra
sara sarah selina serena sharon sheila shirley sibyl sofia sonia sophia sophie stella stephanie susan susanna
susannah susie sylvia tabitha tamsin teresa tess tessa thelma theodora theresa tilly ursula valerie vanessa vera
veronica victoria viola violet virginia vivian wanda wilhelmina winifred yvonne zelda zoe"""
_MALE = """aaron abel abraham abram adam adolphus adrian alan albert alec alexander alexei alf alfred algernon allan
allen alonzo ambrose amos andrew angus anthony antonio archibald archie arnold arthur augustus austin baldwin barnaby
barney bartholomew basil ben benedict benjamin bernard bert bertram bertie bill billy bob bobby boris bradley brian
bruce bruno caleb calvin carl caspar cecil cedric charles charley charlie christian christopher clarence claude
clement clifford clive colin conrad cornelius cuthbert cyril cyrus dan daniel david davy dennis denis derek dexter
dick dmitri dominic donald douglas duncan ebenezer ed eddie edgar edmund edward edwin eli elias elijah elliot emanuel
enoch ephraim eric ernest eugene eustace ezekiel ezra felix ferdinand fergus francis francisco frank franklin fred
freddy frederick gabriel geoffrey george gerald gilbert giles godfrey gordon graham gregory gustav guy hal hamish
harold harry harvey hector henri henry herbert hercules herman hiram horace horatio howard hubert hugh hugo humphrey
ian ichabod ignatius ike ira isaac isaiah israel ivan jack jacob jacques jake james jason jasper jem jeremiah jeremy
jerome jerry jesse jim jimmy joachim job joe joel johann john johnny jonah jonas jonathan joseph joshua juan jude
jules julian julius justin karl keith kenneth kit lambert lancelot laurence lawrence lawrie leo leon leonard leopold
leslie lewis lionel louis lucas lucian luke luther malcolm marcus mark marmaduke martin marvin matt matthew maurice
max maximilian michael miguel mike miles mordecai morris mortimer moses ned neil nathan nathaniel nicholas nicolas
nigel noah noel norman octavius oliver orlando oscar osbert oswald otto owen patrick paul percival percy perry peter
philip phineas pierre quentin ralph ramon randolph raoul raphael raymond reginald reuben rex richard rob robert
robin roderick rodney roger roland ronald rory rowland roy rudolf rudolph rufus rupert russell sam sampson samson
samuel saul sebastian septimus seth sid sidney sigmund silas simeon simon solomon stanley stephen steven
stuart swithin sydney ted terence terry thaddeus theobald theodore thomas tim timothy titus tobias toby tom tommy
uriah valentine vernon victor vincent vivian vladimir walter warren wilbur wilfred wilfrid will william willie
winston wolfgang zachary"""
_SHORT_FORMS = """alexander:alec,alex,sandy alfred:alf,fred andrew:andy anthony:tony archibald:archie arthur:art
bartholomew:bart benjamin:ben,benny catherine:cathy,kate,kitty charles:charley,charlie,chuck christopher:chris,kit
daniel:dan,danny david:dave,davy dorothy:dolly,dot,dotty edmund:ned,ted edward:ed,eddie,ned,ted eleanor:nell,nellie
elizabeth:bess,bessie,beth,betsy,betty,eliza,liz,lizzie,lizzy frances:fanny francis:frank frederick:fred,freddy
george:georgie gilbert:gil harold:hal,harry harriet:hattie helen:nell henry:hal,hank,harry herbert:bert,bertie
isabella:bella,belle james:jamie,jem,jim,jimmy jane:janey,jenny jeremiah:jerry john:jack,johnny jonathan:jon
joseph:joe,joey josephine:jo katharine:kate,kathy,katie,kitty katherine:kate,kathy,katie,kitty lawrence:larry,lawrie
leonard:len lewis:lew lilian:lily lillian:lily louisa:lou margaret:madge,maggie,meg,peggy martha:mattie
matilda:tilly matthew:matt michael:mick,mike nathaniel:nat,nathan nicholas:nick oliver:noll
patrick:paddy,pat percival:percy peter:pete philip:phil rebecca:becky reginald:reggie richard:dick,rick
robert:bert,bob,bobby,rob,robin roderick:rod ronald:ron samuel:sam,sammy sarah:sally stephen:steve susan:sue,susie
theodore:ted,theo theresa:tess thomas:tom,tommy timothy:tim tobias:toby victoria:vicky walter:wat,walt
wilhelmina:mina william:bill,billy,will,willie"""

_SHORT_FORMS_OF: dict[str, frozenset[str]] = {
    name: frozenset(short.split(",")) for name, _, short in (line.partition(":") for line in _SHORT_FORMS.split())
}
_LONG_FORMS: defaultdict[str, set[str]] = defaultdict(set)
for _name, _shorts in _SHORT_FORMS_OF.items():
    for _short in _shorts:
        _LONG_FORMS[_short].add(_name)
_GENDERS: dict[str, Gender | None] = {**dict.fromkeys(_FEMALE.split(), "f"), **dict.fromkeys(_MALE.split(), "m")}
_GENDERS["vivian"] = None


def is_given_name(word: str) -> bool:
    """Whether a word is a common given name, in any case."""
    return word.lower() in _GENDERS


def given_name_gender(word: str) -> Gender | None:
    """The gender a given name usually tells; None when it tells none or is not known."""
    return _GENDERS.get(word.lower())


def other_forms(name: str) -> frozenset[str]:
    """The usual short forms of a given name, or the names it is short for, in small letters."""
    return _SHORT_FORMS_OF.get(name, frozenset()) | _LONG_FORMS.get(name, set[str]())


def is_short_form(short: str, name: str) -> bool:
    """Whether one is a usual short form of the other ("Larry" of "Lawrence"), or its initial ("L.")."""
    short, name = short.lower(), name.lower()
    if len(short.removesuffix(".")) == 1:
        return name.startswith(short[0])
    return short in other_forms(name)
